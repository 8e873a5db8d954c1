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
