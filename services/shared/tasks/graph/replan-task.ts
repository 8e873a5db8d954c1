import type { Database, Query } from '../../database/database.ts'
import { TASK_CHANGES_CHANNEL } from '../../database/task-change-listener.ts'
import { NOTIFY_READY_JOBS } from '../ready-jobs.ts'
import type { Claim } from '../rows.ts'
import { releaseObjectsOf } from './kept-objects.ts'
import { after, lockTask } from './lock-task.ts'

/**
 * Turns an expanded task back into one queued `render`, for a worker that cannot work on its plan. The jobs' objects
 * are orphaned; the workers of other jobs are fenced out. Returns false when the claim is fenced out itself.
 */
export function replanTask({ transaction }: Pick<Database, 'transaction'>, claim: Claim): Promise<boolean> {
  return transaction(async (query) => {
    await lockTask(query, claim.taskId)
    const [held] = await query(
      "SELECT FROM jobs WHERE id = $1 AND attempt = $2 AND status = 'running' AND kind <> 'render'",
      [claim.jobId, claim.attempt],
    )
    if (held) await discardPlan(query, claim.taskId)
    return held !== undefined
  })
}

/**
 * Removes the plan and the jobs of an expanded task, of which its first job, the `render`, is left, queued. The caller
 * has locked the task.
 */
export async function discardPlan(query: Query, taskId: string): Promise<void> {
  await query(
    // Attempts that may still be writing keep the time at which their objects count as orphaned.
    `WITH replanned AS (
       SELECT id AS task_id FROM tasks WHERE id = $1
     ), deleted AS (
       DELETE FROM jobs WHERE task_id = $1 AND kind <> 'render' RETURNING id
     ), released AS (${releaseObjectsOf('replanned')}), dead_letter AS (
       DELETE FROM dead_letters USING deleted WHERE job_id = deleted.id
     ), queued AS (
       UPDATE jobs SET status = 'queued', progress = 0, run_after = now(), publish_at = now()
       WHERE task_id = $1 AND kind = 'render'
     ), updated_task AS (
       UPDATE tasks SET status = 'queued', progress = 0, plan = NULL, expanded_at = NULL, error = NULL, finished_at = NULL,
         updated_at = now()
       FROM ${after('deleted')} WHERE id = $1
     )
     SELECT pg_notify('${TASK_CHANGES_CHANNEL}', task_id::text), ${NOTIFY_READY_JOBS} FROM replanned`,
    [taskId],
  )
}
