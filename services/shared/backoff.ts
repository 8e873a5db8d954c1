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

/** Exponential backoff: the delay in ms after the given failed attempt; the first attempt is 1. Pure when given `random`. */
export function backoff(attempt: number, options: BackoffOptions): number {
  const { baseMs, maxMs, jitter = 0, random = Math.random() } = options
  const fullMs = Math.min(maxMs, baseMs * 2 ** (attempt - 1))
  return Math.round(fullMs * (1 - jitter + jitter * random))
}

/** How often a push is tried, and how long the queue rests in between. */
export type Backoff = {
  /** Pushes in all, the first one included. */
  tries: number
  /** Rest after the first failed push, in ms; each rest is twice the one before, … */
  firstMs: number
  /** … up to this. */
  ceilingMs: number
}

/**
 * How long to rest after the given failed try (1 is the first), in ms; undefined when there is no try left.
 * `chance` in [0, 1) takes up to half away, so that pushes which failed together do not return together.
 */
export function restMs(failedTry: number, backoff: Backoff, chance: number): number | undefined {
  if (failedTry >= backoff.tries) return undefined
  const full = Math.min(backoff.ceilingMs, backoff.firstMs * 2 ** (failedTry - 1))
  return Math.round(full * (1 - chance / 2))
}
