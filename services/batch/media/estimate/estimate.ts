import type { Recipe } from '#shared/contract/recipe.ts'
import { trimRange } from '../plan/trim-range.ts'
import type { PlannedOutput } from '../plan/types.ts'
import type { PlannedRender } from '../types.ts'
import { BUSY, PROBE_S, START_S } from './cost-model.ts'
import { encodingsOf } from './encodings.ts'
import { workOf } from './estimate-cpu.ts'
import { INDEX_BYTES_PER_SECOND, type KeptSource, sizeOf } from './estimate-size.ts'
import { wholeBytes } from './stream-rates.ts'

/** What a plan comes to, roughly: a factor of two either way is usual. */
export type Estimate = {
  files: { output: PlannedOutput; bytes: number }[]
  bytesToRead: number
  cpuSeconds: number
  /** Of wall clock, when nothing else runs and the source comes as fast as it is read. */
  seconds: number
}

/** `cores`: how many this job has to itself. `copied`: whether each source was fetched whole, for want of ranges. */
export type Circumstances = { cores: number; copied?: boolean[] }

/** Estimates a plan before anything is made. Pure; where its figures come from stands in figures.ts. */
export function estimate(
  recipe: Recipe,
  { sources, plan }: PlannedRender,
  { cores, copied = [] }: Circumstances,
): Estimate {
  const kept = sources.map((info, place): KeptSource => {
    return { info, seconds: trimRange(recipe.sources[place]?.trim, info, place).seconds }
  })
  const encodings = encodingsOf(plan)
  const files = [...encodings].map(([output, encoding]) => ({
    output,
    bytes: sizeOf(output, encoding, recipe, kept, plan),
  }))
  const readings = recipe.audio === 'normalize' && !plan.copies ? 2 : 1
  const bytesToRead = sum(kept.map((source, place) => bytesRead(source, readings, copied[place] ?? false)))
  const cpuSeconds = workOf(encodings, recipe, kept, bytesToRead + sum(files.map(({ bytes }) => bytes)))
  const starting = plan.runs.length * START_S + (sources.length + files.length) * PROBE_S
  return { files, bytesToRead, cpuSeconds, seconds: starting + cpuSeconds / Math.max(1, BUSY * cores) }
}

/** What the reader keeps, so that a second reading need not fetch it again: sources/block-reader.ts. */
const KEPT_BYTES = 16 * 1024 ** 2
/** Fetched ahead and in vain around a trim: 18 s in the middle of 2.7 GB took 27 MB in place of 13.5. */
const AROUND_BYTES = 8 * 1024 ** 2

/**
 * About how many bytes of a source are fetched: its share that is kept, and around a trim the index and what is
 * read ahead, but never more than all of it; twice, when it is read twice and too large to be kept. A source that
 * gives no ranges is fetched whole, once.
 */
export function bytesRead({ info, seconds }: KeptSource, readings: number, copied: boolean): number {
  const all = wholeBytes(info)
  if (copied) return Math.round(all)
  const share = info.duration > 0 ? Math.min(1, seconds / info.duration) : 1
  const around = share < 1 ? AROUND_BYTES + INDEX_BYTES_PER_SECOND * info.duration : 0
  const once = Math.min(all, share * all + around)
  return Math.round(once <= KEPT_BYTES ? once : once * readings)
}

const sum = (numbers: number[]) => numbers.reduce((total, each) => total + each, 0)
