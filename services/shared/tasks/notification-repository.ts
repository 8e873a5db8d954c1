import type { Metadata } from '../contract/tasks/metadata.ts'
import type { TaskError } from '../contract/tasks.ts'
import type { Database } from '../database/database.ts'
import type { ClaimedDelivery, DeliveryRepository } from './delivery-repository.ts'
import type { Channel, StoredOutput } from './rows.ts'

/** A claimed notification, with everything its message contains. `attempt` is the fencing token. */
export type DueNotification = {
  /** The same for every attempt; a task that is retried and ends again gets a new one. */
  id: string
  attempt: number
  channel: Channel
  /** The webhook's URL, null for e-mail. */
  target: string | null
  email: string
  /** Whether the account's owner has proved to receive mail there. */
  isVerified: boolean
  username: string
  /** Signs webhooks; null until the user has one. */
  secret: string | null
  taskId: string
  status: 'succeeded' | 'failed' | 'aborted'
  error: TaskError | null
  outputs: StoredOutput[]
  metadata: Metadata
  finishedAt: Date
}

/**
 * Claims notifications and records how their delivery went. A task that is queued again gives its notifications new ids, which
 * fences their senders out as well.
 */
export type NotificationRepository = DeliveryRepository<DueNotification>

/** `leaseMs` must be longer than an attempt can take. */
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
         ), claimed AS (
           UPDATE notifications SET attempts = attempts + 1, due_at = now() + $2 * interval '1 ms'
           FROM due WHERE notifications.id = due.id RETURNING notifications.*
         )
         SELECT claimed.id, claimed.attempts AS attempt, channel, target, email,
           email_verified_at IS NOT NULL AS "isVerified", username, webhook_secret AS secret, tasks.id AS "taskId", status, error, outputs, metadata,
           finished_at AS "finishedAt"
         FROM claimed JOIN tasks ON tasks.id = task_id JOIN users ON users.id = user_id AND deleted_at IS NULL`,
        [limit, leaseMs, firstOnly],
        'notifications-claim',
      ),

    delivered: (claimed) => update(claimed, 'due_at = NULL, delivered_at = now(), last_error = NULL', []),
    postpone: (claimed, error, delayMs) =>
      update(claimed, "due_at = now() + $4 * interval '1 ms', last_error = $3", [error, delayMs]),
    giveUp: (claimed, error) =>
      update(claimed, 'due_at = NULL, given_up_at = now(), last_error = $3', [error]),
  }

  async function update({ id, attempt }: ClaimedDelivery, columns: string, values: unknown[]) {
    await query(`UPDATE notifications SET ${columns} WHERE id = $1 AND attempts = $2`, [
      id,
      attempt,
      ...values,
    ])
  }
}
