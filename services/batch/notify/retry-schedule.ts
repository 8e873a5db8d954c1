const [SECOND, MINUTE, HOUR] = [1_000, 60_000, 3_600_000]

/**
 * Delays after the first attempt, the second and so on: 23 hours and 13 minutes in all. They grow faster than
 * doubling, so that both a restart and a day's outage of the receiver are bridged with nine attempts.
 */
const DELAYS_MS = [5 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE, HOUR, 6 * HOUR, 8 * HOUR, 8 * HOUR]

export type NextStep = { kind: 'postpone'; delayMs: number } | { kind: 'give_up' }

/**
 * What follows a failed attempt: another one after a growing, jittered delay, or the end. `attempt` counts from 1;
 * `random` lies in [0, 1). Pure.
 */
export function afterAttempt(
  { retry, attempt }: { retry: boolean; attempt: number },
  random: number,
): NextStep {
  const delayMs = DELAYS_MS[attempt - 1]
  if (!retry || delayMs === undefined) return { kind: 'give_up' }
  // Jitter of ±20 %, so that notifications that failed together are not retried together.
  return { kind: 'postpone', delayMs: Math.round(delayMs * (0.8 + 0.4 * random)) }
}
