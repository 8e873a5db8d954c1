import type { Query } from '../../database/database.ts'
import { TASK_CHANGES_CHANNEL } from '../../database/task-change-listener.ts'
import { releaseObjectsOf } from './kept-objects.ts'
import { lockTask } from './lock-task.ts'

/**
 * Removes a task whatever its state, in the caller's transaction, and records its objects as orphaned. Workers that are at it
 * notice: they no longer hold a job. Notifies nobody of its end. Returns 1, or 0 when there is no such task.
 */
export async function eraseTask(query: Query, taskId: string): Promise<number> {
  await lockTask(query, taskId)
  // Workers lock their job before the task's row; deleting the task would lock them the other way round.
  await query('SELECT FROM jobs WHERE task_id = $1 FOR UPDATE', [taskId])
  const removed = await query(
    `WITH removed AS (
       DELETE FROM tasks WHERE id = $1 RETURNING id AS task_id
     ), orphaned AS (
       INSERT INTO orphaned_objects (prefix, clean_after) SELECT 'tasks/' || task_id || '/', now() FROM removed
       ON CONFLICT DO NOTHING
     ), released AS (${releaseObjectsOf('removed')})
     SELECT pg_notify('${TASK_CHANGES_CHANNEL}', task_id::text) FROM removed`,
    [taskId],
  )
  return removed.length
}
