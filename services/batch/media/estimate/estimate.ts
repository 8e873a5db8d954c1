import type { Recipe } from '#shared/contract/recipe.ts'
import { MAX_CACHE_BYTES } from '../../sources/memory-budget.ts'
import { trimRange } from '../plan/timeline.ts'
import type { PlannedOutput } from '../plan/types.ts'
import type { PlannedRender } from '../types.ts'
import {
  CORE_UTILIZATION,
  INDEX_BYTES_PER_SECOND,
  PROBE_S,
  START_S,
  TRIM_OVERHEAD_BYTES,
} from './cost-model.ts'
import { cpuSecondsOf } from './estimate-cpu.ts'
import { type KeptSource, sizeOf } from './estimate-size.ts'
import { fileBytes } from './stream-rates.ts'

/** What a plan comes to, roughly: a factor of two either way is usual. */
export type Estimate = {
  files: { output: PlannedOutput; bytes: number }[]
  bytesToRead: number
  cpuSeconds: number
  /** Wall clock, when nothing else runs and the source arrives as fast as it is read. */
  seconds: number
}

/** `cores`: how many the job has to itself. `copied`: whether each source was fetched whole, for want of ranges. */
export type Circumstances = { cores: number; copied?: boolean[] }

/** Estimates a plan before anything is rendered. The figures are in cost-model.ts and plan/encoders.ts. */
export function estimate(
  recipe: Recipe,
  planned: PlannedRender,
  { cores, copied = [] }: Circumstances,
): Estimate {
  const { sources, plan } = planned
  const kept = keptSources(recipe, planned)
  const files = estimateFiles(recipe, planned)
  const passes = recipe.audio === 'normalize' ? 2 : 1
  /** All clips are of one file, which is copied once. */
  const isCopiedBefore = (index: number) => recipe.clips !== undefined && index > 0 && copied[index]
  const bytesToRead = sum(
    kept.map((source, index) =>
      isCopiedBefore(index) ? 0 : bytesRead(source, passes, copied[index] ?? false),
    ),
  )
  const bytes = bytesToRead + sum(files.map(({ bytes }) => bytes))
  const cpuSeconds = cpuSecondsOf(plan.outputs, recipe, kept, bytes)
  const starting = plan.runs.length * START_S + (sources.length + files.length) * PROBE_S
  const seconds = starting + cpuSeconds / Math.max(1, CORE_UTILIZATION * cores)
  return { files, bytesToRead, cpuSeconds, seconds }
}

/**
 * About how many bytes of scratch space a plan takes. Files between runs take as much as their outputs once more;
 * outputs that are sent while they are being written (`sends`) take none; none grows beyond `maxBytes`.
 */
export function estimateScratchBytes(
  recipe: Recipe,
  planned: PlannedRender,
  { sends, maxBytes }: { sends: boolean; maxBytes: number },
): number {
  const kept = estimateFiles(recipe, planned).filter(({ output }) => !(sends && output.streams))
  const bytes = sum(kept.map(({ bytes }) => Math.min(bytes, maxBytes)))
  return planned.plan.scratch.length > 0 ? bytes * 2 : bytes
}

function estimateFiles(recipe: Recipe, planned: PlannedRender): Estimate['files'] {
  const kept = keptSources(recipe, planned)
  return planned.plan.outputs.map((output) => ({
    output,
    bytes: sizeOf(output, recipe, kept, planned.plan),
  }))
}

const keptSources = (recipe: Recipe, { sources }: PlannedRender): KeptSource[] =>
  sources.map((info, index) => ({
    info,
    seconds: trimRange(recipe.sources[index]?.trim, info, index).seconds,
  }))

/**
 * About how many bytes of a source are fetched: the share that is kept, and around a trim the index and what is read
 * ahead, but never more than all of it; in each pass, when it is too large for the reader's cache. A source without range
 * requests is fetched whole, once.
 */
export function bytesRead({ info, seconds }: KeptSource, passes: number, copied: boolean): number {
  const all = fileBytes(info)
  if (copied) return Math.round(all)
  const share = info.duration > 0 ? Math.min(1, seconds / info.duration) : 1
  const around = share < 1 ? TRIM_OVERHEAD_BYTES + INDEX_BYTES_PER_SECOND * info.duration : 0
  const once = Math.min(all, share * all + around)
  return Math.round(once <= MAX_CACHE_BYTES ? once : once * passes)
}

const sum = (numbers: number[]) => numbers.reduce((total, each) => total + each, 0)
