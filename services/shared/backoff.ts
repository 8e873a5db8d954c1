/** How the delays between attempts grow, and how much of each is random. */
export type BackoffOptions = {
  /** Delay after the first attempt. */
  baseMs: number
  /** Longest delay; each delay is twice the one before until it reaches this. */
  maxMs: number
  /** Share of the delay that is random, 0 (the default) to 1, so that what failed together is not retried together. */
  jitter?: number
  /** A number in [0, 1), `Math.random()` by default; tests pass their own. */
  random?: number
}

/** Exponential backoff: the delay in ms after a failed attempt; the first attempt is 1. Pure when `random` is given. */
export function backoff(attempt: number, options: BackoffOptions): number {
  const { baseMs, maxMs, jitter = 0, random = Math.random() } = options
  const fullMs = Math.min(maxMs, baseMs * 2 ** (attempt - 1))
  return Math.round(fullMs * (1 - jitter + jitter * random))
}
