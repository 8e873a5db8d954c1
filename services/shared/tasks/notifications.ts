import type { Notify } from '../contract/notify.ts'
import type { Query } from '../database/database.ts'
import type { NotifyRow } from './rows.ts'

/** SQL for `TaskRow.notify`, for a statement that selects from tasks. */
export const NOTIFY_COLUMN = `CASE WHEN NOT tasks.notifies THEN '[]' ELSE (
  SELECT coalesce(jsonb_agg(jsonb_build_object(
    'channel', channel, 'target', target, 'attempts', notifications.attempts, 'error', last_error,
    'state', CASE WHEN delivered_at IS NOT NULL THEN 'delivered' WHEN given_up_at IS NOT NULL THEN 'given_up'
      ELSE 'pending' END
  ) ORDER BY channel), '[]') FROM notifications WHERE task_id = tasks.id
) END AS notify`

/** Where to send a notification; `target` is the webhook's URL, null for e-mail. */
export type NotificationTarget = Pick<NotifyRow, 'channel' | 'target'>

/** The targets named in a request. */
export function targetsOf({ email, webhook }: Notify = {}): NotificationTarget[] {
  return [
    ...(email ? [{ channel: 'email' as const, target: null }] : []),
    ...(webhook === undefined ? [] : [{ channel: 'webhook' as const, target: webhook }]),
  ]
}

/** Inserts a task's notifications. A trigger on tasks makes them due in the statement that ends the task. */
export async function addNotifications(
  query: Query,
  taskId: string,
  targets: NotificationTarget[],
): Promise<void> {
  if (targets.length === 0) return
  await query(
    `INSERT INTO notifications (task_id, channel, target)
     SELECT $1, channel, target FROM jsonb_to_recordset($2) AS targets (channel text, target text)`,
    [taskId, JSON.stringify(targets)],
  )
}

/** A notification that waits for its task to end, as every notification does once its task is queued again. */
export const toPending = ({ channel, target }: NotificationTarget): NotifyRow => ({
  channel,
  target,
  state: 'pending',
  attempts: 0,
  error: null,
})
