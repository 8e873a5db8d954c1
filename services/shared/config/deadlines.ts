import type { Environment } from './settings.ts'

/** Seconds that one ffmpeg run and one attempt may take. */
export type Deadlines = { media: number; job: number }

/** Both end before Pub/Sub repeats a push. */
const WITHIN_A_PUSH: Deadlines = { media: 480, job: 540 }
/** A day: nothing but work that hangs takes so long. */
const UNBOUNDED: Deadlines = { media: 86_000, job: 86_400 }

/** Whether Pub/Sub pushes jobs to this worker, and so limits how long one may take. */
export const isPushedByPubSub = ({ QUEUE, WORKER_MODE }: Environment): boolean =>
  QUEUE === 'pubsub' && WORKER_MODE === 'push'

/** Whether this worker leaves jobs that do not fit into a push to workers that have more time. */
export const leavesLongJobs = (env: Environment): boolean =>
  isPushedByPubSub(env) && env.LONG_JOBS !== 'refuse'

/** The deadlines of a worker: as set, else by what bounds it. */
export function deadlinesOf(env: Environment): Deadlines {
  const fallback = isPushedByPubSub(env) ? WITHIN_A_PUSH : UNBOUNDED
  return {
    media: env.MEDIA_DEADLINE_SECONDS ?? fallback.media,
    job: env.JOB_DEADLINE_SECONDS ?? fallback.job,
  }
}

/** Seconds that one ffmpeg run may take on the worker that has most time. */
export const longestDeadlineOf = (env: Environment): number =>
  leavesLongJobs(env) ? UNBOUNDED.media : deadlinesOf(env).media

/** Whether that limits work, rather than only ends what hangs. */
export const isLimited = (env: Environment): boolean => longestDeadlineOf(env) !== UNBOUNDED.media
