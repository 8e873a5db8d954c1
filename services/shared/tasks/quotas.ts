import type { Query } from '../database/database.ts'
import { CutroomError } from '../errors.ts'

/** Limits per user: unfinished tasks, tasks created per second, e-mails per hour. */
export type Quotas = { unfinished: number; perSecond: number; mailsPerHour: number }

/**
 * Checks the user's task quotas in the database, so that they hold across all instances. Reads at most quota + 1
 * index entries. Concurrent requests can pass the check together and exceed the quota by their number.
 *
 * @throws CutroomError `request.rate_limited` when a quota is reached.
 */
export async function enforceTaskQuota(query: Query, userId: string, quotas: Quotas): Promise<void> {
  const [counts] = await query<{ unfinished: string; recent: string }>(
    `SELECT
       (SELECT count(*) FROM (
          SELECT FROM tasks WHERE user_id = $1 AND status = 'queued' LIMIT $2) queued)
       + (SELECT count(*) FROM (
          SELECT FROM tasks WHERE user_id = $1 AND status = 'running' LIMIT $2) running) AS unfinished,
       (SELECT count(*) FROM (
          SELECT FROM tasks WHERE user_id = $1 AND created_at > now() - interval '1 second' LIMIT $3) new) AS recent`,
    [userId, quotas.unfinished, quotas.perSecond],
    'task-quota',
  )
  if (Number(counts?.recent) >= quotas.perSecond) {
    throw tooMany(`You can create at most ${quotas.perSecond} tasks per second; try again in a second.`, 1)
  }
  if (Number(counts?.unfinished) >= quotas.unfinished) {
    throw tooMany(
      `You have reached the limit of ${quotas.unfinished} unfinished tasks; wait until some have finished.`,
      30,
    )
  }
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
