const firstDelayMs = 2_000
const longestDelayMs = 60_000

export type Verdict = { kind: 'retry'; delayMs: number } | { kind: 'fail' }

/**
 * What becomes of a job after a failed attempt: another one after a growing, jittered pause, or the end.
 * `failures` counts this one too; `random` lies in [0, 1).
 */
export function afterFailure(
  { retry, failures, maxAttempts }: { retry: boolean; failures: number; maxAttempts: number },
  random: number,
): Verdict {
  if (!retry || failures >= maxAttempts) return { kind: 'fail' }
  const ceiling = Math.min(longestDelayMs, firstDelayMs * 2 ** (failures - 1))
  // Half fixed, half random: jobs that failed together do not come back together.
  return { kind: 'retry', delayMs: Math.round(ceiling / 2 + (ceiling / 2) * random) }
}
