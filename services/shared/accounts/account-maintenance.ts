import type { Database } from '../database/database.ts'
import { eraseRemains } from './erase-account.ts'

/** What the sweep does about accounts, in bounded steps. */
export type AccountMaintenance = {
  /** Erases what deleted accounts have left. Returns how many tasks, uploads and accounts. */
  eraseRemains(limit: number): Promise<number>
  /** Deletes e-mails of more than a week ago, whose tokens have long expired. Returns how many. */
  expireMails(limit: number): Promise<number>
}

export function accountMaintenance(database: Pick<Database, 'query' | 'transaction'>): AccountMaintenance {
  return {
    eraseRemains: (limit) => eraseRemains(database, { limit }),

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
