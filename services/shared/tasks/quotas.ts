import type { Query } from '../database/database.ts'
import { CutroomError } from '../errors.ts'

/** What one user may ask for: tasks that wait or run at a time, tasks created in a second, mails in an hour. */
export type Quotas = { unfinished: number; perSecond: number; mailsPerHour: number }

/**
 * Throws `request.rate_limited` when a user has enough tasks. Counted in the database, so that it holds over all
 * instances; at most quota + 1 index entries are read. Requests at the same moment can pass together, which
 * overshoots by as many as there are.
 */
export async function enforceTaskQuota(query: Query, userId: string, quotas: Quotas): Promise<void> {
  const [counts] = await query<{ unfinished: string; recent: string }>(
    `SELECT
       (SELECT count(*) FROM (
          SELECT FROM tasks WHERE user_id = $1 AND status = 'queued' LIMIT $2) waiting)
       + (SELECT count(*) FROM (
          SELECT FROM tasks WHERE user_id = $1 AND status = 'running' LIMIT $2) running) AS unfinished,
       (SELECT count(*) FROM (
          SELECT FROM tasks WHERE user_id = $1 AND created_at > now() - interval '1 second' LIMIT $3) new) AS recent`,
    [userId, quotas.unfinished, quotas.perSecond],
    'task-quota',
  )
  if (Number(counts?.recent) >= quotas.perSecond) {
    throw tooMany(`${quotas.perSecond} tasks a second are taken from one user; send them more slowly.`, '1')
  }
  if (Number(counts?.unfinished) >= quotas.unfinished) {
    throw tooMany(
      `${quotas.unfinished} unfinished tasks are kept for one user; wait until some are done.`,
      '30',
    )
  }
}

/**
 * Uses up one mail of a user's share, or throws `request.rate_limited`. Nobody has verified that the account's address
 * is its owner's: without this, anyone could have a stranger's mailbox filled. Kept with the user, so that
 * removing tasks gives nothing back.
 */
export async function enforceMailQuota(
  query: Query,
  userId: string,
  { mailsPerHour }: Quotas,
): Promise<void> {
  const allowed = await query(
    // A second more, for what the column's milliseconds round away.
    `UPDATE users SET mails_until = greatest(mails_until, now()) + interval '1 hour' / $2
     WHERE id = $1 AND greatest(mails_until, now()) + interval '1 hour' / $2 <= now() + interval '1 hour 1 second'
     RETURNING id`,
    [userId, mailsPerHour],
  )
  if (allowed.length === 0) {
    throw tooMany(
      `${mailsPerHour} mails an hour are sent to one user; leave notify.email out, or wait.`,
      String(Math.ceil(3600 / mailsPerHour)),
    )
  }
}

const tooMany = (message: string, seconds: string) =>
  new CutroomError('request.rate_limited', message, { headers: { 'Retry-After': seconds } })
