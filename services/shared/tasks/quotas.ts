import type { Query } from '../database/database.ts'
import { CutroomError } from '../errors.ts'

/** Limits per user: unfinished tasks, e-mails per hour. */
export type Quotas = { unfinished: number; mailsPerHour: number }

/** More tasks of one user than can be between the check and their commit at the same time, of which a batch adds 100. */
const MAX_CONCURRENT = 200

/**
 * Checks the user's quota of unfinished tasks in the database, so that it holds across all instances; in a transaction, it
 * holds for concurrent requests, too. Reads at most quota + 1 index entries.
 *
 * @throws CutroomError `request.rate_limited` when the quota is used up.
 */
export async function enforceTaskQuota(query: Query, userId: string, { unfinished }: Quotas): Promise<void> {
  if ((await countUnfinished(query, userId, unfinished)) < unfinished - MAX_CONCURRENT) return
  // Only near the quota do requests have to wait for each other.
  await lockTaskQuota(query, userId)
  if ((await countUnfinished(query, userId, unfinished)) < unfinished) return
  throw tooMany(
    `You have reached the limit of ${unfinished} unfinished tasks; wait until some have finished.`,
    30,
  )
}

/**
 * Makes the user's requests that are near the quota, or add many tasks, wait for the end of the transaction. To be called before
 * anything else is locked that is the user's.
 */
export const lockTaskQuota = (query: Query, userId: string) =>
  query(`SELECT pg_advisory_xact_lock(hashtextextended('task-quota ' || $1, 0))`, [userId])

async function countUnfinished(query: Query, userId: string, limit: number): Promise<number> {
  const [row] = await query<{ unfinished: string }>(
    `SELECT
       (SELECT count(*) FROM (
          SELECT FROM tasks WHERE user_id = $1 AND status = 'queued' LIMIT $2) queued)
       + (SELECT count(*) FROM (
          SELECT FROM tasks WHERE user_id = $1 AND status = 'running' LIMIT $2) running) AS unfinished`,
    [userId, limit],
    'task-quota',
  )
  return Number(row?.unfinished)
}

/**
 * Uses one e-mail of the user's hourly quota. An account's address is not verified, so without this limit anyone
 * could have a stranger's mailbox flooded. The quota is stored with the user: removing tasks does not restore it.
 *
 * This is the generic cell rate algorithm: `mails_until` advances by 1 h / quota per e-mail and may be at most an
 * hour ahead of now.
 *
 * @throws CutroomError `request.rate_limited` when the quota is used up.
 */
export async function enforceMailQuota(
  query: Query,
  userId: string,
  { mailsPerHour }: Quotas,
): Promise<void> {
  const allowed = await query(
    // The extra second makes up for rounding to the column's milliseconds.
    `UPDATE users SET mails_until = greatest(mails_until, now()) + interval '1 hour' / $2
     WHERE id = $1 AND greatest(mails_until, now()) + interval '1 hour' / $2 <= now() + interval '1 hour 1 second'
     RETURNING id`,
    [userId, mailsPerHour],
  )
  if (allowed.length === 0) {
    throw tooMany(
      `You can request at most ${mailsPerHour} e-mails per hour; leave out notify.email, or try again later.`,
      Math.ceil(3600 / mailsPerHour),
    )
  }
}

const tooMany = (message: string, retryAfterSeconds: number) =>
  new CutroomError('request.rate_limited', message, { headers: { 'Retry-After': String(retryAfterSeconds) } })
