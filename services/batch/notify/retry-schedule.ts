const [second, minute, hour] = [1_000, 60_000, 3_600_000]

/** Pauses after the first attempt, the second and so on: 23 hours and 13 minutes in all. */
const pausesMs = [5 * second, 30 * second, 2 * minute, 10 * minute, hour, 6 * hour, 8 * hour, 8 * hour]

export type NextStep = { kind: 'postpone'; delayMs: number } | { kind: 'give_up' }

/**
 * What becomes of a notification after an attempt that failed: another one after a growing, jittered pause, or the
 * end. `attempt` counts from 1; `random` lies in [0, 1).
 */
export function afterAttempt(
  { retry, attempt }: { retry: boolean; attempt: number },
  random: number,
): NextStep {
  const pause = pausesMs[attempt - 1]
  if (!retry || pause === undefined) return { kind: 'give_up' }
  // A fifth more or less: what failed together does not come back together.
  return { kind: 'postpone', delayMs: Math.round(pause * (0.8 + 0.4 * random)) }
}
