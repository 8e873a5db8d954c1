import type { DryRunResult, PlannedFile } from '#shared/contract/dry-run.ts'
import type { MediaInfo } from '#shared/contract/media-info.ts'
import type { Recipe } from '#shared/contract/recipe.ts'
import type { CutroomError } from '#shared/errors.ts'
import { type Circumstances, type Estimate, estimate } from '../media/estimate/estimate.ts'
import { expectedSeconds, secondsOfJob } from '../media/estimate/expected-time.ts'
import { ofNamedSources } from '../media/plan/clips.ts'
import type { PlannedOutput } from '../media/plan/types.ts'
import type { ForeseenRender } from '../media/types.ts'

/** `limitMs`: how long one job may take. `isLimited`: whether that is for a reason, rather than to end what hangs. */
export type WorkLimit = { limitMs: number; isLimited: boolean }

/** Where the work would be done: `slots` are the jobs that a worker runs at a time, each with `cores` to itself. */
type Where = Circumstances & WorkLimit & { slots: number }

/** The numbers of workers for which a dry run estimates the time. */
const WORKERS = [1, 10, 100]

/** The reply to a dry run. */
export function toDryRunResult(recipe: Recipe, planned: ForeseenRender, where: Where): DryRunResult {
  const estimated = estimate(recipe, planned, where)
  const { files, bytesToRead } = estimated
  const { chunks, cpuSeconds, longest, on } = workOf(planned, estimated, where)
  const fits = longest * 1000 <= where.limitMs
  const isUnlimited = fits && (chunks > 1 || !where.isLimited)
  return {
    sources: ofNamedSources(recipe, planned.sources),
    problem: null,
    outputs: files.map(({ output, bytes }) => toPlannedFile(output, bytes, planned.sources)),
    bytes_to_read: bytesToRead,
    chunks,
    cpu_seconds: rounded(cpuSeconds, 1),
    estimated_seconds: rounded(on(1), 1),
    seconds_on_workers: WORKERS.map((workers) => ({ workers, seconds: rounded(on(workers), 1) })),
    limit_seconds: isUnlimited ? null : where.limitMs / 1000,
    fits,
  }
}

/** The work of a render: `longest` is the time of its longest job, and `on` that of all on so many workers, in seconds. */
function workOf({ jobs }: ForeseenRender, { cpuSeconds, seconds }: Estimate, { cores, slots }: Where) {
  if (!jobs) return { chunks: 1, cpuSeconds, longest: seconds, on: () => seconds }
  return {
    chunks: jobs.filter(({ kind }) => kind === 'chunk').length,
    cpuSeconds: jobs.reduce((sum, { weight }) => sum + weight, 0),
    longest: Math.max(...jobs.map((job) => secondsOfJob(job, { cores }))),
    on: (workers: number) => expectedSeconds(jobs, { workers, slots, cores }),
  }
}

/** The reply when the sources could not be probed: the reason, and no estimates. */
export const toUnprobedResult = (
  { code, message }: CutroomError,
  { limitMs, isLimited }: WorkLimit,
): DryRunResult => ({
  sources: null,
  problem: { code, message },
  outputs: [],
  bytes_to_read: null,
  chunks: null,
  cpu_seconds: null,
  estimated_seconds: null,
  seconds_on_workers: null,
  limit_seconds: isLimited ? limitMs / 1000 : null,
  fits: null,
})

/** The size of a file is that at which players show it: a copy keeps the rotation and the pixel aspect of its source. */
function toPlannedFile(output: PlannedOutput, bytes: number, [source]: MediaInfo[]): PlannedFile {
  const { name, contentType, expected, size } = output
  return {
    name,
    content_type: contentType,
    seconds: expected && rounded(expected.seconds, 3),
    ...(output.video === 'copy' && source?.video
      ? { width: source.video.display_width, height: source.video.display_height }
      : { width: expected?.width ?? size?.width ?? null, height: expected?.height ?? size?.height ?? null }),
    estimated_bytes: bytes,
  }
}

const rounded = (value: number, digits: number) => Number(value.toFixed(digits))
