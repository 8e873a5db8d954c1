/**
 * SQL for what becomes of the objects of an expanded task's jobs. Every attempt has a row in orphaned_objects from its
 * claim on. That of a job that succeeded is kept, with a clean_after of infinity, while the task may still need it. The
 * `render` that divided the task is one of these jobs: its objects are copies of sources.
 */

/** A CTE that keeps the objects of the completed attempt: `job` is a relation with its id and attempt. */
export const keepObjectsOf = (job: string): string => `
  UPDATE orphaned_objects SET clean_after = 'infinity' FROM ${job}
  WHERE orphaned_objects.job_id = ${job}.id AND orphaned_objects.attempt = ${job}.attempt`

/**
 * A CTE that lets the sweep remove what the jobs of a task kept, after the interval. `tasks` is a relation with a
 * column task_id. Attempts that did not succeed keep their own time: their workers may still be writing.
 */
export const releaseObjectsOf = (tasks: string, after = "interval '0'"): string => `
  UPDATE orphaned_objects SET clean_after = now() + ${after}
  FROM jobs WHERE jobs.task_id IN (SELECT task_id FROM ${tasks}) AND orphaned_objects.job_id = jobs.id
    AND orphaned_objects.attempt = jobs.attempt AND jobs.status = 'succeeded'`

/** How long a failed task's finished jobs are kept, so that a retry need not repeat them. */
export const KEPT_AFTER_FAILURE = "interval '24 hours'"
