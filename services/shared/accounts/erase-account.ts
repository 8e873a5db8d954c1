import type { Database, Query } from '../database/database.ts'
import { eraseTask } from '../tasks/graph/erase-task.ts'
import { endAccess } from './end-sessions.ts'

/**
 * Deletes an account for everyone who asks, in the caller's transaction: nobody can log in, and its name, address and secrets are
 * gone. Its tasks, files, audit events and the row itself are left to `eraseRemains`. Returns false when there is no such account.
 */
export async function eraseAccount(query: Query, userId: string): Promise<boolean> {
  const [user] = await query<{ email_key: string }>(
    'SELECT email_key FROM users WHERE id = $1 AND deleted_at IS NULL FOR UPDATE',
    [userId],
  )
  if (!user) return false
  // No name and no address can be like these keys.
  await query(
    `UPDATE users SET deleted_at = now(), username = '', username_key = 'deleted:' || id, email = '',
       email_key = 'deleted:' || id, email_verified_at = NULL, password_hash = '', webhook_secret = NULL WHERE id = $1`,
    [userId],
  )
  await endAccess(query, userId)
  await query('DELETE FROM account_mails WHERE user_id = $1', [userId])
  await query('DELETE FROM webhook_endpoints WHERE user_id = $1', [userId])
  await query('DELETE FROM source_links WHERE user_id = $1', [userId])
  await query('DELETE FROM idempotency_keys WHERE user_id = $1', [userId])
  return true
}

const BATCH = 100
const MAX_EVENTS = 10_000
/** Requests that began before the deletion may still write for so long, and then those writes are erased as well. */
const SETTLED_AFTER = "interval '2 minutes'"
/** The longest that an upload URL can be in use: https://cloud.google.com/storage/docs/resumable-uploads */
const LATE_UPLOADS = "interval '8 days'"

/**
 * Erases what deleted accounts have left: tasks, whose jobs are aborted, uploads, and finally their rows. Objects are recorded as
 * orphaned. Of its audit events, the deletion itself is kept as long as others. Handles at most `limit` tasks and as many uploads,
 * and stops early at `until` (by `performance.now()`); a later call continues. Concurrent calls are safe. Returns the number of
 * tasks, uploads and accounts erased.
 */
export async function eraseRemains(
  database: Pick<Database, 'query' | 'transaction'>,
  { userId, limit, until = Number.POSITIVE_INFINITY }: { userId?: string; limit: number; until?: number },
): Promise<number> {
  let erased = 0
  const ofUser = userId === undefined ? [] : [userId]
  const tasks = await database.query<{ id: string }>(
    `SELECT tasks.id FROM tasks JOIN users ON users.id = user_id
     WHERE deleted_at IS NOT NULL ${ofUser.length > 0 ? 'AND users.id = $2' : ''} LIMIT $1`,
    [limit, ...ofUser],
  )
  for (const { id } of tasks) {
    if (performance.now() > until) return erased
    erased += await database.transaction((query) => eraseTask(query, id))
  }
  erased += await eraseUploads(database.query, limit)
  if (tasks.length === limit) return erased
  const events = await eraseEvents(database.query)
  return events < MAX_EVENTS ? erased + (await eraseRows(database.query)) : erased
}

async function eraseUploads(query: Query, limit: number): Promise<number> {
  const rows = await query(
    `WITH erased AS (
       DELETE FROM uploads WHERE id IN (
         SELECT uploads.id FROM uploads JOIN users ON users.id = user_id WHERE deleted_at IS NOT NULL
         LIMIT $1 FOR UPDATE OF uploads SKIP LOCKED
       ) RETURNING id, object_key
     ), orphaned AS (
       INSERT INTO orphaned_objects (prefix, clean_after) SELECT object_key, now() FROM erased ON CONFLICT DO NOTHING
     )
     SELECT id FROM erased`,
    [limit],
  )
  return rows.length
}

/** With their rows in other tables they would make deleting their users take longer than a statement may. */
async function eraseEvents(query: Query): Promise<number> {
  const rows = await query(
    `DELETE FROM events WHERE (user_id, sequence) IN (
       SELECT user_id, sequence FROM events JOIN users ON users.id = user_id
       WHERE deleted_at < now() - ${SETTLED_AFTER} LIMIT $1
     ) RETURNING sequence`,
    [MAX_EVENTS],
  )
  return rows.length
}

async function eraseRows(query: Query): Promise<number> {
  const rows = await query(
    `WITH erased AS (
       DELETE FROM users WHERE id IN (
         SELECT id FROM users WHERE deleted_at < now() - ${SETTLED_AFTER}
           AND NOT EXISTS (SELECT FROM tasks WHERE user_id = users.id)
           AND NOT EXISTS (SELECT FROM uploads WHERE user_id = users.id)
         LIMIT $1 FOR UPDATE SKIP LOCKED
       ) RETURNING id
     ), forgotten AS (
       DELETE FROM audit_events USING erased WHERE user_id = erased.id AND action <> 'account.deleted'
     ), orphaned AS (
       INSERT INTO orphaned_objects (prefix, clean_after)
       SELECT 'uploads/' || id || '/', now() + ${LATE_UPLOADS} FROM erased ON CONFLICT DO NOTHING
     )
     SELECT id FROM erased`,
    [BATCH],
  )
  return rows.length
}
