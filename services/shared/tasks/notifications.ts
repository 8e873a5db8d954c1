import type { Notify } from '../contract/notify.ts'
import type { Query } from '../database/database.ts'
import type { NotifyRow } from './rows.ts'

/** A task's notifications as `TaskRow.notify`, for a statement that has a row of tasks in view. */
export const NOTIFY_COLUMN = `CASE WHEN NOT tasks.notifies THEN '[]' ELSE (
  SELECT coalesce(jsonb_agg(jsonb_build_object(
    'channel', channel, 'target', target, 'attempts', notifications.attempts, 'error', last_error,
    'state', CASE WHEN delivered_at IS NOT NULL THEN 'delivered' WHEN given_up_at IS NOT NULL THEN 'given_up'
      ELSE 'pending' END
  ) ORDER BY channel), '[]') FROM notifications WHERE task_id = tasks.id
) END AS notify`

/** One who is to hear how a task ends; `target` is a webhook's address. */
export type NotificationTarget = Pick<NotifyRow, 'channel' | 'target'>

/** Those whom a request names. */
export function targetsOf({ email, webhook }: Notify = {}): NotificationTarget[] {
  return [
    ...(email ? [{ channel: 'email' as const, target: null }] : []),
    ...(webhook === undefined ? [] : [{ channel: 'webhook' as const, target: webhook }]),
  ]
}

/** Writes listeners down. They fall due by a trigger on tasks, in the very statement that ends the task. */
export async function addNotifications(
  query: Query,
  taskId: string,
  listeners: NotificationTarget[],
): Promise<void> {
  if (listeners.length === 0) return
  await query(
    `INSERT INTO notifications (task_id, channel, target)
     SELECT $1, channel, target FROM jsonb_to_recordset($2) AS wanted (channel text, target text)`,
    [taskId, JSON.stringify(listeners)],
  )
}

/** A notification that waits for its task's end, as a task that is queued again makes every one of its. */
export const toPending = ({ channel, target }: NotificationTarget): NotifyRow => ({
  channel,
  target,
  state: 'pending',
  attempts: 0,
  error: null,
})
