/**
 * A rate limit: `count` uses at once, of which one becomes available again every `windowMs / count`. So the mean rate is
 * `count` per window, and a burst can use the whole quota.
 */
export type Policy = {
  /** Names the limit in the database and in the `RateLimit` headers. */
  name: string
  count: number
  windowMs: number
  /** After this many uses, each has to wait for twice as long as the one before: 1 s, 2 s, 4 s … up to `maxMs`. */
  pause?: { after: number; maxMs: number }
}

/** What a quota was like when it was asked: how far ahead of now its theoretical arrival time was, and its last use. */
export type Usage = { usedMs: number; sinceLastUseMs: number }

/** The answer to one use. `remaining`: uses that are left. `resetMs`: until the whole quota is available. */
export type Verdict = { allowed: boolean; remaining: number; resetMs: number; retryAfterMs: number }

/** How long one use takes to become available again. */
export const intervalMs = ({ count, windowMs }: Policy): number => windowMs / count

/** Makes up for rounding to the microseconds of Postgres. */
export const TOLERANCE_MS = 1

/** The verdict on a use that was counted; `usedMs` includes it. */
export function counted(policy: Policy, usedMs: number): Verdict {
  const remaining = Math.floor((policy.windowMs + TOLERANCE_MS - usedMs) / intervalMs(policy))
  return { allowed: true, remaining: Math.max(0, remaining), resetMs: Math.max(0, usedMs), retryAfterMs: 0 }
}

/** The verdict on a use that was refused, from the state that refused it. */
export function refused(policy: Policy, { usedMs, sinceLastUseMs }: Usage): Verdict {
  const untilFree = usedMs + intervalMs(policy) - policy.windowMs - TOLERANCE_MS
  const untilPaused = pauseMs(policy, usedMs) - sinceLastUseMs
  const retryAfterMs = Math.max(1, untilFree, untilPaused)
  return { allowed: false, remaining: 0, resetMs: Math.max(0, usedMs), retryAfterMs }
}

/** How long after the last use the next one is allowed. */
export function pauseMs(policy: Policy, usedMs: number): number {
  if (!policy.pause) return 0
  const uses = Math.ceil(Math.max(0, usedMs) / intervalMs(policy))
  const { after, maxMs } = policy.pause
  return uses < after ? 0 : Math.min(1000 * 2 ** (uses - after), maxMs)
}
