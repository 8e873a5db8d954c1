import type { Environment } from './settings.ts'

/** Seconds that one ffmpeg run and one attempt may take. */
export type Deadlines = { media: number; job: number }

/** Both end before Pub/Sub repeats a push. */
const WITHIN_A_PUSH: Deadlines = { media: 480, job: 540 }
/** A day: nothing but work that hangs takes so long. */
const UNBOUNDED: Deadlines = { media: 86_000, job: 86_400 }

/** Whether Pub/Sub pushes jobs to this worker, and so limits how long one may take. */
export const isPushedByPubSub = ({ QUEUE, WORKER_MODE }: Environment): boolean =>
  QUEUE === 'pubsub' && WORKER_MODE !== 'pull'

/** The deadlines of a worker: as set, else by what bounds it. */
export function deadlinesOf(env: Environment): Deadlines {
  const fallback = isPushedByPubSub(env) ? WITHIN_A_PUSH : UNBOUNDED
  return {
    media: env.MEDIA_DEADLINE_SECONDS ?? fallback.media,
    job: env.JOB_DEADLINE_SECONDS ?? fallback.job,
  }
}

/** Whether the deadlines limit work, rather than only end what hangs. */
export const isLimited = (env: Environment): boolean => deadlinesOf(env).media !== UNBOUNDED.media
