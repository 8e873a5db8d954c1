import type { TaskStatus } from '../contract/tasks.ts'
import type { Database } from '../database/database.ts'
import { TASK_CHANGES_CHANNEL } from '../database/task-change-listener.ts'

/** A job that used up its attempts, or whose message the queue gave up on, and the job's current status. */
export type DeadLetter = {
  jobId: string
  taskId: string
  reason: string
  times: number
  createdAt: Date
  status: TaskStatus
}

/** The newest dead letters, at most `limit`. */
export function listDeadLetters({ query }: Database, limit: number): Promise<DeadLetter[]> {
  return query<DeadLetter>(
    `SELECT job_id AS "jobId", dead_letters.task_id AS "taskId", reason, times,
       dead_letters.created_at AS "createdAt", jobs.status
     FROM dead_letters JOIN jobs ON jobs.id = job_id
     ORDER BY dead_letters.created_at DESC LIMIT $1`,
    [limit],
  )
}

/**
 * Deletes dead letters and runs their jobs again: a failed job gets all its attempts back, a queued one is published
 * by the next sweep. `ids` are of jobs or tasks; without them, all dead letters are redriven. Returns how many jobs
 * will run again.
 */
export async function redriveDeadLetters({ query }: Database, ids?: string[]): Promise<number> {
  const rows = await query(
    `WITH deleted AS (
       DELETE FROM dead_letters WHERE $1::uuid[] IS NULL OR job_id = ANY($1) OR task_id = ANY($1)
       RETURNING job_id
     ), requeued AS (
       UPDATE jobs SET failures = CASE WHEN status = 'failed' THEN 0 ELSE failures END,
         status = 'queued', run_after = least(run_after, now()), publish_at = now()
       FROM deleted WHERE id = job_id AND status IN ('queued', 'failed') RETURNING task_id
     ), updated_task AS (
       UPDATE tasks SET status = 'queued', progress = 0, error = NULL, finished_at = NULL, updated_at = now()
       FROM requeued WHERE tasks.id = task_id
     )
     SELECT pg_notify('${TASK_CHANGES_CHANNEL}', task_id::text) FROM requeued`,
    [ids ?? null],
  )
  return rows.length
}
