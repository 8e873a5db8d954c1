import type { Query } from '../../database/database.ts'
import { TASK_CHANGES_CHANNEL } from '../../database/task-change-listener.ts'
import { LOSSES_BEFORE_ALONE } from '../fairness.ts'
import { NOTIFY_READY_JOBS } from '../ready-jobs.ts'
import { lockTask } from './lock-task.ts'
import { discardPlan } from './replan-task.ts'

/**
 * Queues a failed task again, with all attempts, in the caller's transaction. Jobs that have succeeded are kept when
 * their objects still exist, unless a source has changed: then the task is planned anew. Returns whether there was such
 * a failed task.
 */
export async function requeueTask(query: Query, taskId: string): Promise<boolean> {
  await lockTask(query, taskId)
  const [failed] = await query<{ code: string | null }>(
    "SELECT error->>'code' AS code FROM tasks WHERE id = $1 AND status = 'failed'",
    [taskId],
  )
  if (!failed) return false
  if (failed.code === 'source.changed') await discardPlan(query, taskId)
  await query(
    // A sweep that has begun to remove an attempt's objects has taken the job's id from its row.
    `WITH kept AS (
       UPDATE orphaned_objects SET clean_after = 'infinity' FROM jobs
       WHERE jobs.task_id = $1 AND jobs.status = 'succeeded'
         AND job_id = jobs.id AND orphaned_objects.attempt = jobs.attempt
       RETURNING job_id
     ), requeued AS (
       UPDATE jobs SET status = 'queued', failures = 0, progress = 0, result = NULL, run_after = now(), publish_at = now(),
         worker_losses = least(worker_losses, ${LOSSES_BEFORE_ALONE})
       WHERE task_id = $1 AND (status IN ('failed', 'aborted', 'queued')
         OR status = 'succeeded' AND kind <> 'render' AND id NOT IN (SELECT job_id FROM kept))
       RETURNING id
     )
     DELETE FROM dead_letters USING requeued WHERE job_id = requeued.id`,
    [taskId],
  )
  await recountWaiting(query, taskId)
  await query(
    `UPDATE tasks SET error = NULL, finished_at = NULL, updated_at = now(),
       status = CASE WHEN expanded_at IS NULL THEN 'queued' ELSE 'running' END::status,
       expanded_at = expanded_at + (now() - finished_at),
       progress = coalesce((
         SELECT floor(100 * sum(weight) FILTER (WHERE jobs.status = 'succeeded') / nullif(sum(weight), 0))
         FROM jobs WHERE task_id = $1 AND kind <> 'render'
       ), 0)
     WHERE id = $1 RETURNING pg_notify('${TASK_CHANGES_CHANNEL}', id::text), ${NOTIFY_READY_JOBS}`,
    [taskId],
  )
  return true
}

/**
 * Counts anew what each queued job of a task waits for, and corrects those whose count differs. Returns their number.
 * The caller has locked the task.
 */
async function recountWaiting(query: Query, taskId: string): Promise<number> {
  const rows = await query(
    `UPDATE jobs SET waits_for = unfinished,
       run_after = CASE WHEN unfinished > 0 THEN 'infinity' ELSE now() END,
       publish_at = CASE WHEN unfinished = 0 THEN now() END
     FROM (
       SELECT waiting.id, count(needed.id)::int AS unfinished
       FROM jobs waiting LEFT JOIN jobs needed
         ON needed.task_id = $1 AND needed.unblocks = waiting.id AND needed.status <> 'succeeded'
       WHERE waiting.task_id = $1 AND waiting.status = 'queued' GROUP BY waiting.id
     ) counted
     WHERE jobs.id = counted.id AND (waits_for <> unfinished OR (run_after = 'infinity') <> (unfinished > 0))
     RETURNING jobs.id`,
    [taskId],
  )
  return rows.length
}

/**
 * Corrects what the jobs of an expanded task wait for, and aborts them if the task has ended: a worker of an earlier
 * version may have ended it without them. Returns how many jobs it changed.
 */
export async function repairTask(query: Query, taskId: string): Promise<number> {
  await lockTask(query, taskId)
  const aborted = await query(
    `UPDATE jobs SET status = 'aborted', lease_until = NULL, publish_at = NULL FROM tasks
     WHERE tasks.id = $1 AND task_id = $1 AND tasks.status NOT IN ('queued', 'running')
       AND jobs.status IN ('queued', 'running') RETURNING jobs.id`,
    [taskId],
  )
  return aborted.length + (await recountWaiting(query, taskId))
}
