import type { Database } from '../database/database.ts'
import { eraseRemains } from './erase-account.ts'

/** What the sweep does about accounts, in bounded steps. */
export type AccountMaintenance = {
  /** Erases what deleted accounts have left, for some seconds at most. Returns how many tasks, uploads and accounts. */
  eraseRemains(): Promise<number>
  /** Deletes e-mails of more than a week ago, whose tokens have long expired. Returns how many. */
  expireMails(limit: number): Promise<number>
}

/** Bounds of one sweep: an account can have many thousand tasks, of which each is a transaction of some milliseconds. */
const MAX_ERASED = 2_000
const ERASE_MS = 2_000

export function accountMaintenance(database: Pick<Database, 'query' | 'transaction'>): AccountMaintenance {
  return {
    eraseRemains: () => eraseRemains(database, { limit: MAX_ERASED, until: performance.now() + ERASE_MS }),

    async expireMails(limit) {
      const rows = await database.query(
        `DELETE FROM account_mails WHERE id IN (
           SELECT id FROM account_mails WHERE created_at < now() - interval '7 days'
           ORDER BY created_at LIMIT $1 FOR UPDATE SKIP LOCKED
         ) RETURNING id`,
        [limit],
      )
      return rows.length
    },
  }
}
