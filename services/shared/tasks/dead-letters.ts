import type { TaskStatus } from '../contract/tasks.ts'
import type { Database } from '../database/database.ts'
import { TASK_CHANGES_CHANNEL } from '../database/task-change-listener.ts'

/** A job that used up its attempts, or whose message the queue gave up, and how its task stands now. */
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
 * Sends dead letters on their way again and strikes them out: a failed job gets all its attempts anew, one that
 * waits is announced at the next sweep. `ids` are of jobs or of tasks; left out, all of them. Gives how many.
 */
export async function redriveDeadLetters({ query }: Database, ids?: string[]): Promise<number> {
  const rows = await query(
    `WITH struck AS (
       DELETE FROM dead_letters WHERE $1::uuid[] IS NULL OR job_id = ANY($1) OR task_id = ANY($1)
       RETURNING job_id
     ), again AS (
       UPDATE jobs SET failures = CASE WHEN status = 'failed' THEN 0 ELSE failures END,
         status = 'queued', run_after = least(run_after, now()), publish_at = now()
       FROM struck WHERE id = job_id AND status IN ('queued', 'failed') RETURNING task_id
     ), touched AS (
       UPDATE tasks SET status = 'queued', progress = 0, error = NULL, finished_at = NULL, updated_at = now()
       FROM again WHERE tasks.id = task_id
     )
     SELECT pg_notify('${TASK_CHANGES_CHANNEL}', task_id::text) FROM again`,
    [ids ?? null],
  )
  return rows.length
}
