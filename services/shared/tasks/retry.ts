const firstDelayMs = 2_000
const longestDelayMs = 60_000

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
  const ceiling = Math.min(longestDelayMs, firstDelayMs * 2 ** (uncounted ? attempt - 1 : failures))
  // Half fixed, half random: jobs that failed together do not come back together.
  return { kind: 'retry', delayMs: Math.round(ceiling / 2 + (ceiling / 2) * random), counts }
}
