import type { TaskStatus } from '../contract/tasks.ts'
import type { Database } from '../database/database.ts'
import { requeueTask } from './graph/requeue-task.ts'

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
 * Deletes dead letters and runs their jobs again: the task of a failed job is queued again with all its attempts, a
 * queued job is published by the next sweep. `ids` are of jobs or tasks; without them, all dead letters are redriven.
 * Returns how many jobs with a dead letter will run again.
 */
export async function redriveDeadLetters(
  { query, transaction }: Pick<Database, 'query' | 'transaction'>,
  ids?: string[],
): Promise<number> {
  const letters = await query<{ jobId: string; taskId: string }>(
    `SELECT job_id AS "jobId", task_id AS "taskId" FROM dead_letters
     WHERE $1::uuid[] IS NULL OR job_id = ANY($1) OR task_id = ANY($1)`,
    [ids ?? null],
  )
  let redriven = 0
  for (const { jobId, taskId } of letters) {
    // A transaction for each, so that no two operators wait for each other's tasks.
    redriven += await transaction(async (run) => {
      await requeueTask(run, taskId)
      await run('DELETE FROM dead_letters WHERE job_id = $1', [jobId])
      const queued = await run(
        `UPDATE jobs SET run_after = least(run_after, now()), publish_at = now()
         WHERE id = $1 AND status = 'queued' AND waits_for = 0 RETURNING id`,
        [jobId],
      )
      return queued.length
    })
  }
  return redriven
}
