import { backoff } from '../backoff.ts'

/** Half of each delay is random: jobs that failed together do not come back together. */
const BACKOFF = { baseMs: 2_000, maxMs: 60_000, jitter: 0.5 }

/**
 * Attempts after which trouble of the service counts as well: with the pauses between them about a quarter of an
 * hour, and then a task must end, since each may have cost a whole encode.
 */
const patience = 20

/** An attempt that ended early: what its error allows, and where the job stands. */
export type EndedAttempt = {
  retry: boolean
  uncounted: boolean
  /** The fencing token: how often the job was claimed, this time included. */
  attempt: number
  /** Attempts counted against the task before this one. */
  failures: number
  maxAttempts: number
}

export type Verdict = { kind: 'retry'; delayMs: number; counts: boolean } | { kind: 'fail' }

/**
 * What becomes of a job after a failed attempt: another one after a growing, jittered pause, or the end.
 * `random` lies in [0, 1).
 */
export function afterFailure(
  { retry, uncounted, attempt, failures, maxAttempts }: EndedAttempt,
  random: number,
): Verdict {
  const counts = !uncounted || attempt >= patience
  if (!retry || (counts && failures + 1 >= maxAttempts)) return { kind: 'fail' }
  const delayMs = backoff(uncounted ? attempt : failures + 1, { ...BACKOFF, random })
  return { kind: 'retry', delayMs, counts }
}
