import { formatOf } from '#shared/contract/formats.ts'
import { hasParts, type Recipe } from '#shared/contract/recipe.ts'
import { estimate } from '../estimate/estimate.ts'
import { cpuSecondsIn, estimateJobs, type JobEstimates } from '../estimate/estimate-jobs.ts'
import { type ChunkSize, chooseRanges, gridOf } from '../plan/chunks/choose-ranges.ts'
import { bordersOf, type TickRange } from '../plan/chunks/slice-timeline.ts'
import { planEncode } from '../plan/encode.ts'
import { exactRate, perSecond } from '../plan/frame-rate.ts'
import type { Timeline } from '../plan/timeline.ts'
import type { PlanContext, ProbedSource } from '../plan/types.ts'
import { plannedRender } from '../planned-render.ts'
import type { ProbeResult } from '../probe/probe.ts'
import type { FindKeyFrames } from '../probe/times/find-key-frame.ts'
import { isAnimatedWebp } from '../probe/webp/describe.ts'
import type { PlannedRender } from '../types.ts'
import { timelineOf } from './task-plan.ts'
import type { ChunkSettings, ExpandedJob, RenderExpansion } from './types.ts'

/** A render is divided when it would take this many times as long as a chunk. */
const EXPANSION_FACTOR = 1.5
const MIN_CHUNK_S = 2

/** Whether a render is long enough to be divided, and made of what can be. */
export function shouldExpand(context: PlanContext, planned: PlannedRender, settings: ChunkSettings): boolean {
  if (settings.seconds === 0 || !isDivisible(context, planned)) return false
  const { seconds } = estimate(context.recipe, planned, settings)
  return seconds > settings.seconds * EXPANSION_FACTOR
}

/**
 * A GIF's palette comes from all of its frames; and where timestamps jump, or are missing, or frames change each other, every chunk
 * would have to decode from the beginning.
 */
function isDivisible({ outputs, sources, assets }: PlanContext, { plan }: PlannedRender): boolean {
  const encodesVideo = plan.outputs.some(({ video, expected }) => expected && video && video !== 'copy')
  const copies = plan.outputs.some(({ video, audio }) => video === 'copy' || audio === 'copy')
  const seekable = sources.every(({ times }) => !times || (times.continuous && times.hasTimestamps))
  const animated = [...sources, ...Object.values(assets.clips ?? {})].some(({ info }) => isAnimatedWebp(info))
  return encodesVideo && !copies && seekable && !animated && outputs.every(({ format }) => format !== 'gif')
}

/**
 * The jobs that a render would be divided into, whose number is about right: key frames, which move the cuts, are not looked
 * for. Undefined when it would not be divided.
 * @throws CutroomError what planning throws.
 */
export function foreseeJobs(
  context: PlanContext,
  planned: PlannedRender,
  settings: ChunkSettings,
): ExpandedJob[] | undefined {
  if (!shouldExpand(context, planned, settings)) return undefined
  const { timeline, estimates, size } = measureWork(context, settings)
  const ranges = chooseRanges(timeline, size)
  return ranges.length < 2 ? undefined : listJobs(timeline, ranges, estimates, context.recipe)
}

/**
 * Divides a render into chunks of about the same work; undefined when it cannot be.
 * @throws CutroomError what planning throws, and ffprobe.
 */
export async function expandRender(
  context: PlanContext,
  settings: ChunkSettings,
  findKeyFrames: FindKeyFrames,
  signal: AbortSignal,
): Promise<RenderExpansion | undefined> {
  const { timeline, estimates, size } = measureWork(context, settings)
  if (chooseRanges(timeline, size).length < 2) return undefined
  const keyTicks = await findKeyTicks(timeline, context, size, findKeyFrames, signal)
  const ranges = chooseRanges(timeline, { ...size, keyTicks })
  return {
    plan: {
      sources: context.sources.map(toProbeResult),
      clips: Object.fromEntries(
        Object.entries(context.assets.clips ?? {}).map(([id, clip]) => [id, toProbeResult(clip)]),
      ),
      versions: context.sources.map(({ input }) => input.version ?? null),
      canConvertColours: context.canConvertColours,
      threads: settings.threads,
      ranges,
    },
    jobs: listJobs(timeline, ranges, estimates, context.recipe),
  }
}

/** What a render's timeline is, how much work its jobs are, and how long that makes a chunk. */
function measureWork(context: PlanContext, settings: ChunkSettings) {
  const timeline = timelineOf(context)
  const estimates = estimateJobs(context.recipe, plannedRender(context, planEncode(context)))
  return { timeline, estimates, size: chunkSize(timeline, context, estimates, settings) }
}

const toProbeResult = ({ info, times, hasEvenFrames = false }: ProbedSource): ProbeResult => ({
  info,
  ...(times && { times }),
  hasEvenFrames,
})

function chunkSize(
  { target, cuts }: Timeline,
  { outputs }: PlanContext,
  { chunks }: JobEstimates,
  { seconds, cores }: ChunkSettings,
): ChunkSize {
  const length = cuts.reduce((total, each) => total + each, 0)
  const videos = outputs.filter(({ format }) => formatOf(format).kind !== 'audio')
  const rates = videos.flatMap(({ fps }) => (fps ? [exactRate(fps)] : []))
  const share = cpuSecondsIn(seconds, cores) / Math.max(chunks, Number.EPSILON)
  const minTicks = Math.ceil(MIN_CHUNK_S * perSecond(target.rate))
  return {
    ticks: Math.max(minTicks, Math.ceil(length * share)),
    minTicks,
    grid: gridOf(target.rate, rates),
    keyTicks: [],
  }
}

/** Ticks of the content at which a source's key frame is on screen, near where the content would be cut. */
async function findKeyTicks(
  timeline: Timeline,
  { sources }: PlanContext,
  size: ChunkSize,
  findKeyFrames: FindKeyFrames,
  signal: AbortSignal,
): Promise<number[]> {
  const wanted = chooseRanges(timeline, size).map(({ from }) => from)
  const rate = perSecond(timeline.target.rate)
  const starts = bordersOf(timeline.content.map(({ ticks }) => ticks))
  const found = await Promise.all(
    timeline.content.map(async (clip, i) => {
      const [source, first = 0] = [sources[i], starts[i]]
      const within = wanted.filter((tick) => tick > first && tick < first + clip.ticks)
      if (!source) return []
      const wantedAt = within.map((tick) => clip.range.start + (tick - first) / rate)
      const keyFrames = await findKeyFrames(source.input, toProbeResult(source), wantedAt, signal)
      const toTick = (seconds: number) => first + Math.ceil((seconds - clip.range.start) * rate - 1e-3)
      return keyFrames.map(toTick).filter((tick) => tick > first && tick < first + clip.ticks)
    }),
  )
  return found.flat()
}

/** The jobs, each with the one that waits for it. */
function listJobs(
  { cuts, target }: Timeline,
  ranges: TickRange[],
  { chunks, measure, audio, stitch }: JobEstimates,
  recipe: Recipe,
): ExpandedJob[] {
  const normalizes = target.audio !== null && recipe.audio === 'normalize'
  const audioJobs: ExpandedJob[] = [
    ...jobIf(normalizes, { kind: 'measure', params: { of: 'content' }, weight: measure, unblocks: null }),
    ...jobIf(target.audio !== null, { kind: 'audio', params: {}, weight: audio, unblocks: null }),
    // Parts are measured once they are cut.
    ...jobIf(normalizes && !hasParts(recipe), {
      kind: 'measure',
      params: { of: 'result' },
      weight: measure,
      unblocks: null,
    }),
  ]
  const length = cuts.reduce((total, each) => total + each, 0)
  const last = audioJobs.length + ranges.length
  return [
    ...audioJobs.map((job, i) => ({ ...job, unblocks: i + 1 < audioJobs.length ? i + 1 : last })),
    ...ranges.map((range) => ({
      kind: 'chunk' as const,
      params: { range },
      weight: (chunks * (range.to - range.from)) / length,
      unblocks: last,
    })),
    { kind: 'stitch', params: {}, weight: stitch, unblocks: null },
  ]
}

const jobIf = (needed: boolean, job: ExpandedJob): ExpandedJob[] => (needed ? [job] : [])
