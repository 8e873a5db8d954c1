import type { Recipe } from '#shared/contract/recipe.ts'
import { CutroomError } from '#shared/errors.ts'
import type { ExpandedJob } from '../chunks/types.ts'
import type { PlannedRender } from '../types.ts'
import { type Circumstances, estimate } from './estimate.ts'
import { secondsOfJob } from './expected-time.ts'

/** Refuses work that is hopeless to start, or leaves it to workers that have more time. */
export type RequireFit = {
  /**
   * A plan that one job carries out.
   * @throws CutroomError `media.too_long`; TakesTooLong where other workers have more time
   */
  render(recipe: Recipe, planned: PlannedRender): void
  /**
   * The jobs that a render is divided into, each on its own. Marks those that other workers must do.
   * @throws CutroomError `media.too_long`
   */
  jobs(jobs: ExpandedJob[]): (ExpandedJob & { longRunning?: boolean })[]
}

/** The work is estimated to take longer than this worker has; others have the time. */
export class TakesTooLong extends Error {
  override readonly name = 'TakesTooLong'
}

/** Estimates are rough: only work that would miss the limit by this factor is refused, the rest may try. */
const HOPELESS_FACTOR = 3

/**
 * Refuses jobs whose estimate is more than three times the limit, in milliseconds of wall clock. Where workers without that
 * limit exist (`claimsLongJobs` is false), leaves to them what exceeds it at all.
 */
export function createRequireFit(
  limitMs: number,
  circumstances: Circumstances,
  { claimsLongJobs }: { claimsLongJobs: boolean } = { claimsLongJobs: true },
): RequireFit {
  const isLong = (seconds: number) => seconds * 1000 > limitMs
  const isHopeless = (seconds: number) => seconds * 1000 > limitMs * HOPELESS_FACTOR
  const refuse = (work: string, seconds: number) => {
    throw new CutroomError(
      'media.too_long',
      `${work} would take about ${duration(seconds)} in one job, and a job may take ${duration(limitMs / 1000)}. Keep ` +
        'less of the source, or choose fewer, smaller or faster outputs (quality draft).',
    )
  }
  return {
    render(recipe, planned) {
      const { seconds } = estimate(recipe, planned, circumstances)
      if (!claimsLongJobs && isLong(seconds)) {
        throw new TakesTooLong(`The work is estimated to take ${duration(seconds)}.`)
      }
      if (isHopeless(seconds)) refuse('The work cannot be divided, and', seconds)
    },
    jobs(jobs) {
      const timed = jobs.map((job) => ({ ...job, seconds: secondsOfJob(job, circumstances) }))
      if (!claimsLongJobs)
        return timed.map(({ seconds, ...job }) => ({ ...job, longRunning: isLong(seconds) }))
      const [longest] = timed.toSorted((a, b) => b.seconds - a.seconds)
      if (longest && isHopeless(longest.seconds)) refuse(WORK[longest.kind], longest.seconds)
      return jobs
    },
  }
}

const WORK: Record<ExpandedJob['kind'], string> = {
  chunk: 'A chunk of the video',
  audio: 'Encoding the audio',
  measure: 'Measuring the loudness',
  stitch: 'Joining the chunks',
}

const duration = (seconds: number) =>
  seconds < 120 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} minutes`
