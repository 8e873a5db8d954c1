import type { Notify } from '../contract/notify.ts'
import type { Query } from '../database.ts'
import type { NotifyRow } from './rows.ts'

/** A task's notifications as `TaskRow.notify`, for a statement that has a row of tasks in view. */
export const notifyColumn = `(
  SELECT coalesce(jsonb_agg(jsonb_build_object(
    'channel', channel, 'target', target, 'attempts', notifications.attempts, 'error', last_error,
    'state', CASE WHEN delivered_at IS NOT NULL THEN 'delivered' WHEN given_up_at IS NOT NULL THEN 'given_up'
      ELSE 'pending' END
  ) ORDER BY channel), '[]') FROM notifications WHERE task_id = tasks.id
) AS notify`

/**
 * Writes down who is to hear how a task ends. They fall due by a trigger on tasks, in the very statement that
 * ends it.
 */
export async function addNotifications(
  query: Query,
  taskId: string,
  notify: Notify | undefined,
): Promise<NotifyRow[]> {
  const rows = rowsOf(notify)
  if (rows.length > 0) {
    await query(
      `INSERT INTO notifications (task_id, channel, target)
       SELECT $1, channel, target FROM jsonb_to_recordset($2) AS wanted (channel text, target text)`,
      [taskId, JSON.stringify(rows)],
    )
  }
  return rows.map(waiting)
}

/** A notification that waits for its task's end, as a task that is queued again makes every one of its. */
export const waiting = ({ channel, target }: Pick<NotifyRow, 'channel' | 'target'>): NotifyRow => ({
  channel,
  target,
  state: 'pending',
  attempts: 0,
  error: null,
})

function rowsOf({ email, webhook }: Notify = {}): Pick<NotifyRow, 'channel' | 'target'>[] {
  return [
    ...(email ? [{ channel: 'email' as const, target: null }] : []),
    ...(webhook === undefined ? [] : [{ channel: 'webhook' as const, target: webhook }]),
  ]
}
