import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { Query } from '../database/database.ts'
import { counted, intervalMs, type Policy, refused, TOLERANCE_MS, type Verdict } from './policy.ts'

/** Rate limits that hold over all instances. A subject is whom a policy counts: an address, a user's id, an account. */
export type RateLimiter = {
  /** Counts one use, unless the quota is used up or a pause is on; the verdict says which. */
  use(policy: Policy, subject: string): Promise<Verdict>
  /** Takes back the latest use. */
  giveBack(policy: Policy, subject: string): Promise<void>
  /** Forgets all uses. */
  forget(policy: Policy, subject: string): Promise<void>
}

/**
 * How long a refusal is repeated without asking the database, so that a flood of requests costs it one statement a second.
 * Short, since uses may be given back.
 */
const CACHED_REFUSAL_MS = 1_000
const MAX_CACHED_REFUSALS = 10_000

export function createRateLimiter(
  query: Query,
  now: () => number = performance.now.bind(performance),
): RateLimiter {
  const refusals = new LRUCache<string, { verdict: Verdict; at: number }>({ max: MAX_CACHED_REFUSALS })

  /** The latest use of each key that is going on. */
  const latest = new Map<string, Promise<Verdict>>()

  async function useOrRefuse(policy: Policy, key: string): Promise<Verdict> {
    const cached = refusals.get(key)
    const age = cached ? now() - cached.at : 0
    if (cached && age < Math.min(CACHED_REFUSAL_MS, cached.verdict.retryAfterMs)) {
      return { ...cached.verdict, retryAfterMs: cached.verdict.retryAfterMs - age }
    }
    const verdict = await useOnce(query, policy, key)
    if (verdict.allowed) refusals.delete(key)
    else refusals.set(key, { verdict, at: now() })
    return verdict
  }

  return {
    async use(policy, subject) {
      const key = keyOf(policy, subject)
      // The row is locked by one statement at a time anyway. Those who wait for it here hold no connection, and get the
      // refusal of the one before them, or its error: without a database, each would wait for it in vain.
      const before = latest.get(key)
      const verdict = before ? before.then(() => useOrRefuse(policy, key)) : useOrRefuse(policy, key)
      latest.set(key, verdict)
      return verdict.finally(() => {
        if (latest.get(key) === verdict) latest.delete(key)
      })
    },

    async giveBack(policy, subject) {
      const key = keyOf(policy, subject)
      refusals.delete(key)
      await query(
        `UPDATE rate_limits SET until = until - $2 * interval '1 ms' WHERE key = $1`,
        [key, intervalMs(policy)],
        'rate-limit-give-back',
      )
    },

    async forget(policy, subject) {
      const key = keyOf(policy, subject)
      refusals.delete(key)
      await query('DELETE FROM rate_limits WHERE key = $1', [key], 'rate-limit-forget')
    },
  }
}

/** Hashed, so that keys have one length and the table shows no addresses. */
export const keyOf = ({ name }: Pick<Policy, 'name'>, subject: string): string =>
  `${name}:${createHash('sha256').update(subject).digest('base64url').slice(0, 22)}`

/** The uses in $2 ms steps that `until` stands for, and whether their pause is over; policy.ts has the same arithmetic. */
const USES = 'ceil(greatest(extract(epoch FROM stored.until - now()) * 1000, 0) / $2::float8)'
const PAUSED_MS = `least(1000 * power(2, ${USES} - $4::float8), $5::float8)`
// Without a pause, `used_at` may well be later than now(), which is when a statement began that has waited for others.
const IS_PAUSE_OVER = `(${USES} < $4::float8 OR stored.used_at + ${PAUSED_MS} * interval '1 ms' <= now())`

type Row = { allowed: boolean; used_ms: number; since_ms: number }

/**
 * One statement, so that concurrent requests on all instances cannot exceed the quota: the row is locked from the decision to
 * the commit. A refusal changes nothing.
 */
async function useOnce(query: Query, policy: Policy, key: string): Promise<Verdict> {
  const { after, maxMs } = policy.pause ?? { after: Number.MAX_SAFE_INTEGER, maxMs: 0 }
  const [row] = await query<Row>(
    `WITH used AS (
       INSERT INTO rate_limits AS stored (key, until, used_at)
       VALUES ($1, now() + $2::float8 * interval '1 ms', now())
       ON CONFLICT (key) DO UPDATE
         SET until = greatest(stored.until, now()) + $2::float8 * interval '1 ms', used_at = now()
         WHERE greatest(stored.until, now()) + $2::float8 * interval '1 ms'
             <= now() + ($3::float8 + ${TOLERANCE_MS}) * interval '1 ms'
           AND ${IS_PAUSE_OVER}
       RETURNING until
     )
     SELECT true AS allowed, (extract(epoch FROM until - now()) * 1000)::float8 AS used_ms, 0::float8 AS since_ms FROM used
     UNION ALL
     SELECT false, (extract(epoch FROM until - now()) * 1000)::float8, (extract(epoch FROM now() - used_at) * 1000)::float8
     FROM rate_limits WHERE key = $1 AND NOT EXISTS (SELECT FROM used)`,
    [key, intervalMs(policy), policy.windowMs, after, maxMs],
    'rate-limit-use',
  )
  if (row?.allowed) return counted(policy, row.used_ms)
  // Without a row, concurrent requests have used up a quota that was untouched when the statement began.
  const usage = row ? { usedMs: row.used_ms, sinceLastUseMs: row.since_ms } : undefined
  return refused(policy, usage ?? { usedMs: policy.windowMs, sinceLastUseMs: 0 })
}
