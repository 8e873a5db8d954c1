import type { TaskError } from '../contract/tasks.ts'
import type { Database } from '../database/database.ts'
import type { ErrorCode } from '../errors.ts'
import type { Channel, StoredOutput } from './rows.ts'

/** One attempt at telling how a task ended, with all there is to tell. `attempt` is the fencing token. */
export type DueNotification = {
  /** The same for every attempt; another once the task has been tried again and ended again. */
  id: string
  attempt: number
  channel: Channel
  /** A webhook's URL; null for e-mail. */
  target: string | null
  email: string
  username: string
  /** Signs webhooks; null as long as the user has none. */
  secret: string | null
  taskId: string
  status: 'succeeded' | 'failed' | 'aborted'
  error: TaskError | null
  outputs: StoredOutput[]
  finishedAt: Date
}

/**
 * What deliverers take and write. A row is taken once however many of them run: it is pushed forward by the
 * lease before anything is sent, so that one whose deliverer died is sent again. What is written names the
 * attempt, and changes nothing once another has begun or the task is at work again.
 */
export type NotificationRepository = {
  /**
   * Those that are due, first attempts first: receivers that never answer keep nobody else waiting. `firstOnly`
   * leaves repeats to others.
   */
  claimDue(limit: number, options?: { firstOnly?: boolean }): Promise<DueNotification[]>
  delivered(notification: ClaimedNotification): Promise<void>
  /** To be sent again after a pause. */
  postpone(notification: ClaimedNotification, error: ErrorCode, delayMs: number): Promise<void>
  giveUp(notification: ClaimedNotification, error: ErrorCode): Promise<void>
}

type ClaimedNotification = Pick<DueNotification, 'id' | 'attempt'>

/** `leaseMs`: longer than an attempt can take. */
export function notificationRepository(
  { query }: Pick<Database, 'query'>,
  { leaseMs }: { leaseMs: number },
): NotificationRepository {
  return {
    claimDue: (limit, { firstOnly = false } = {}) =>
      query<DueNotification>(
        `WITH due AS (
           SELECT id FROM notifications WHERE due_at <= now() AND (attempts = 0 OR NOT $3)
           ORDER BY attempts, due_at LIMIT $1 FOR UPDATE SKIP LOCKED
         ), taken AS (
           UPDATE notifications SET attempts = attempts + 1, due_at = now() + $2 * interval '1 ms'
           FROM due WHERE notifications.id = due.id RETURNING notifications.*
         )
         SELECT taken.id, taken.attempts AS attempt, channel, target, email, username,
           webhook_secret AS secret, tasks.id AS "taskId", status, error, outputs, finished_at AS "finishedAt"
         FROM taken JOIN tasks ON tasks.id = task_id JOIN users ON users.id = user_id`,
        [limit, leaseMs, firstOnly],
        'notifications-take',
      ),

    delivered: (taken) => settle(taken, 'due_at = NULL, delivered_at = now(), last_error = NULL', []),
    postpone: (taken, error, delayMs) =>
      settle(taken, "due_at = now() + $4 * interval '1 ms', last_error = $3", [error, delayMs]),
    giveUp: (taken, error) => settle(taken, 'due_at = NULL, given_up_at = now(), last_error = $3', [error]),
  }

  async function settle({ id, attempt }: ClaimedNotification, what: string, values: unknown[]) {
    await query(`UPDATE notifications SET ${what} WHERE id = $1 AND attempts = $2`, [id, attempt, ...values])
  }
}
