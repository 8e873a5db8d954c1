import type { Query } from '#shared/database/database.ts'
import { keyOf } from '#shared/limits/rate-limiter.ts'

/** Addresses from which an account has been used: their failed logins count apart from those of strangers. */
export type KnownAddresses = {
  includes(account: string, address: string): Promise<boolean>
  /** Counts from now on for `DAYS`. */
  add(account: string, address: string): Promise<void>
}

const DAYS = 30
const NAME = { name: 'known-address' }

/** Kept beside the rate limits, whose expired rows are deleted alike. */
export function createKnownAddresses(query: Query): KnownAddresses {
  const key = (account: string, address: string) => keyOf(NAME, `${account} ${address}`)
  return {
    async includes(account, address) {
      const rows = await query(
        'SELECT FROM rate_limits WHERE key = $1 AND until > now()',
        [key(account, address)],
        'known-address',
      )
      return rows.length > 0
    },
    async add(account, address) {
      await query(
        `INSERT INTO rate_limits (key, until) VALUES ($1, now() + $2 * interval '1 day')
         ON CONFLICT (key) DO UPDATE SET until = excluded.until, used_at = now()`,
        [key(account, address), DAYS],
        'known-address-add',
      )
    },
  }
}
