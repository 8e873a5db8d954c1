import type { Query } from '../database/database.ts'

/**
 * Deletes events older than `eventDays`, at most `limit`; returns how many. Needs no privilege on the table but to delete, and to
 * read numbers and times, since batch sweeps: locking rows would need the one to update them.
 */
export async function expireEvents(query: Query, eventDays: number, limit: number): Promise<number> {
  const rows = await query(
    `DELETE FROM events WHERE (user_id, sequence) IN (
       SELECT user_id, sequence FROM events WHERE created_at < now() - $2 * interval '1 day' ORDER BY created_at LIMIT $1
     ) RETURNING sequence`,
    [limit, eventDays],
  )
  return rows.length
}
