import { backoff } from '../backoff.ts'
import type { Attempt } from '../contract/tasks.ts'

/** Half of each delay is random, so that jobs which failed together are not retried together. */
const BACKOFF = { baseMs: 2_000, maxMs: 60_000, jitter: 0.5 }

/**
 * From this attempt on, service errors count as failures too. With the delays in between that is about a quarter of
 * an hour, after which the task must come to an end, since every attempt may cost a whole encode.
 */
const MAX_UNCOUNTED_ATTEMPTS = 20

/** An attempt that failed: what its error allows, and how often the job has been tried. */
export type EndedAttempt = {
  retry: boolean
  /** Whether the error is the service's fault and does not count against the task. */
  uncounted: boolean
  /** How often the job has been claimed, this attempt included. */
  attempt: number
  /** Attempts that counted against the task before this one. */
  failures: number
  maxAttempts: number
}

/**
 * Whether an error that may be retried is final all the same: an output that failed verification exactly as the attempt
 * before will do so again, since the same recipe and sources give the same result.
 */
export const isSameFailure = (
  error: Pick<Attempt, 'code' | 'message'>,
  last: Pick<Attempt, 'code' | 'message'> | null,
): boolean =>
  error.code === 'media.wrong_result' && last?.code === error.code && last.message === error.message

export type Verdict = { kind: 'retry'; delayMs: number; counts: boolean } | { kind: 'fail' }

/**
 * Decides whether a job is retried after a failed attempt, after which delay, and whether the attempt counts against
 * the task. `random` is in [0, 1). Pure.
 */
export function afterFailure(
  { retry, uncounted, attempt, failures, maxAttempts }: EndedAttempt,
  random: number,
): Verdict {
  const counts = !uncounted || attempt >= MAX_UNCOUNTED_ATTEMPTS
  if (!retry || (counts && failures + 1 >= maxAttempts)) return { kind: 'fail' }
  const delayMs = backoff(uncounted ? attempt : failures + 1, { ...BACKOFF, random })
  return { kind: 'retry', delayMs, counts }
}
