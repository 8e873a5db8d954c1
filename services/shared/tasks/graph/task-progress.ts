import type { Database } from '../../database/database.ts'
import { PROGRESS_SUFFIX, TASK_CHANGES_CHANNEL } from '../../database/task-change-listener.ts'
import type { Claim } from '../rows.ts'

/**
 * SQL for the value of `notified_at` in an UPDATE of tasks: now, if listeners may be notified of progress again.
 * NOTIFY takes a lock on the whole database at commit, so a task with many workers notifies once a second at most.
 * A listener that misses the last change of a second polls.
 */
export const NOTIFIED_AT = `CASE WHEN tasks.notified_at > now() - interval '1 second' THEN tasks.notified_at ELSE now() END`

/** SQL for the RETURNING of an UPDATE that set NOTIFIED_AT: whether to notify. */
export const NOTIFIES = 'tasks.notified_at = now() AS notifies'

/** SQL that notifies of a task's progress. `id`: an expression for the task's id. */
export const notifyProgress = (id: string): string =>
  `pg_notify('${TASK_CHANGES_CHANNEL}', ${id} || '${PROGRESS_SUFFIX}')`

/**
 * SQL for the progress in per cent of the task that a job belongs to: the mean of its jobs' progress by weight, without
 * the `render` that only planned them, and at most 99 since the last job ends the task. `job` is a relation with the new
 * id, task_id, weight and progress of one job, which the statement's snapshot of the table lacks.
 */
export const weightedProgress = (job: string): string => `(
  SELECT least(99, floor((${job}.weight * ${job}.progress + coalesce(sum(done.weight * done.progress), 0))
    / nullif(${job}.weight + coalesce(sum(done.weight), 0), 0)))
  FROM (
    SELECT weight::float8, CASE status WHEN 'succeeded' THEN 100 WHEN 'running' THEN progress ELSE 0 END AS progress
    FROM jobs WHERE task_id = ${job}.task_id AND id <> ${job}.id AND kind <> 'render'
  ) done)`

/** SQL for `TaskDetailsRow.jobs`, for a statement that selects from tasks. */
export const JOBS_COLUMN = `CASE WHEN tasks.expanded_at IS NULL THEN '[]' ELSE (
  SELECT coalesce(jsonb_agg(groups), '[]') FROM (
    SELECT kind, status, count(*), sum(weight::float8) AS weight,
      sum(weight::float8 * CASE status WHEN 'succeeded' THEN 100 WHEN 'running' THEN progress ELSE 0 END) / 100 AS done
    FROM jobs WHERE task_id = tasks.id AND kind <> 'render' GROUP BY kind, jobs.status
  ) groups
) END AS jobs`

/** Extends the lease of a job, and records its progress and its task's. */
export async function heartbeat(
  { query }: Pick<Database, 'query'>,
  { jobId, attempt }: Claim,
  { progress, leaseMs }: { progress: number; leaseMs: number },
): Promise<boolean> {
  const rows = await query(
    `WITH held AS (
       UPDATE jobs SET lease_until = now() + $3 * interval '1 ms', progress = greatest(progress, $4)
       WHERE id = $1 AND attempt = $2 AND status = 'running' RETURNING id, task_id, kind, weight, progress
     ), reached AS (
       SELECT task_id, CASE WHEN kind = 'render' THEN progress ELSE ${weightedProgress('held')} END AS progress FROM held
     ), updated_task AS (
       UPDATE tasks SET progress = reached.progress, updated_at = now(), notified_at = ${NOTIFIED_AT}
       FROM reached WHERE tasks.id = task_id AND tasks.progress < reached.progress RETURNING tasks.id, ${NOTIFIES}
     )
     SELECT task_id, (SELECT ${notifyProgress('id')} FROM updated_task WHERE notifies) FROM held`,
    [jobId, attempt, leaseMs, progress],
    'job-heartbeat',
  )
  return rows.length > 0
}
