import type { TaskError } from '../../contract/tasks.ts'
import type { Database } from '../../database/database.ts'
import { TASK_CHANGES_CHANNEL } from '../../database/task-change-listener.ts'
import { NOTIFY_READY_JOBS } from '../ready-jobs.ts'
import type { Claim } from '../rows.ts'
import { KEPT_AFTER_FAILURE, releaseObjectsOf } from './kept-objects.ts'
import { after, lockTask } from './lock-task.ts'

/** The attempt that a statement ends: it changes nothing once the job is at another attempt or no longer running. */
export type EndedAttempt = Pick<Claim, 'jobId' | 'taskId' | 'attempt'> & {
  /** Only if the lease has expired, which a heartbeat that came through at the last moment undoes. */
  expired?: boolean
}

/** SQL: the job whose attempt ended, as `updated_job`. Parameters from $4 on are the caller's. */
const updatedJob = (set: string) => `
  updated_job AS (
    UPDATE jobs SET lease_until = NULL, worker_losses = worker_losses + $3::boolean::int, ${set}
    WHERE id = $1 AND attempt = $2 AND status = 'running' AND (NOT $3::boolean OR lease_until < now())
    RETURNING id, task_id, kind, attempt
  )`

/** SQL: the failure with its code and message in $4 and $5. */
const PREVIOUS_ERROR = "jsonb_build_object('code', $4::text, 'message', $5::text)"

/** Of the failed attempts, a task keeps the latest: a thousand chunks that are each retried would not fit into a row. */
const MAX_FAILURES = 100

/** SQL for a task's failures with the attempt of `updated_job` added, and its code and message in $4 and $5. */
const FAILURES = `CASE WHEN jsonb_array_length(failures) >= ${MAX_FAILURES} THEN failures - 0 ELSE failures END
  || jsonb_build_array(
    jsonb_build_object('attempt', attempt, 'code', $4::text, 'message', $5::text,
      'at', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
    || CASE WHEN kind = 'render' THEN '{}' ELSE jsonb_build_object('job', kind) END)`

/** Ends the task as failed, and aborts its other jobs, whose workers are fenced out. */
export function failTask(
  { transaction }: Pick<Database, 'transaction'>,
  ended: EndedAttempt,
  failure: Pick<TaskError, 'code' | 'message'>,
  { error, usedUp }: { error: TaskError; usedUp: boolean },
): Promise<boolean> {
  return transaction(async (query) => {
    await lockTask(query, ended.taskId)
    const rows = await query(
      `WITH ${updatedJob(`status = 'failed', publish_at = NULL, failures = failures + 1, previous_error = ${PREVIOUS_ERROR}`)},
       aborted AS (
         UPDATE jobs SET status = 'aborted', lease_until = NULL, publish_at = NULL FROM updated_job
         WHERE jobs.task_id = updated_job.task_id AND jobs.id <> updated_job.id AND status IN ('queued', 'running')
         RETURNING jobs.id
       ), dead_letter AS (
         INSERT INTO dead_letters (job_id, task_id, reason) SELECT id, task_id, $4::text FROM updated_job WHERE $7::boolean
         ON CONFLICT (job_id) DO UPDATE SET times = dead_letters.times + 1, reason = excluded.reason
       ), kept AS (${releaseObjectsOf('updated_job', KEPT_AFTER_FAILURE)}),
       updated_task AS (
         UPDATE tasks SET status = 'failed', finished_at = now(), updated_at = now(), error = $6::jsonb, failures = ${FAILURES}
         FROM updated_job, ${after('aborted')} WHERE tasks.id = task_id
       )
       SELECT pg_notify('${TASK_CHANGES_CHANNEL}', task_id::text) FROM updated_job`,
      [...fence(ended), failure.code, failure.message, JSON.stringify(error), usedUp],
    )
    return rows.length > 0
  })
}

/** Queues the job again. The failure is recorded and, with `counts`, counts against the task. */
export async function retryJob(
  { query }: Pick<Database, 'query'>,
  ended: EndedAttempt,
  { code, message }: Pick<TaskError, 'code' | 'message'>,
  { delayMs, counts }: { delayMs: number; counts: boolean },
): Promise<boolean> {
  const due = "now() + $6 * interval '1 ms'"
  const rows = await query(
    `WITH ${updatedJob(
      `status = 'queued', run_after = ${due}, publish_at = ${due}, failures = failures + $7::int,
       previous_error = ${PREVIOUS_ERROR}`,
    )},
     updated_task AS (
       UPDATE tasks SET status = ${STATUS_WITH_QUEUED_JOB}, updated_at = now(), failures = ${FAILURES}
       FROM updated_job WHERE tasks.id = task_id
     )
     SELECT pg_notify('${TASK_CHANGES_CHANNEL}', task_id::text), ${NOTIFY_READY_JOBS} FROM updated_job`,
    [...fence(ended), code, message, delayMs, counts ? 1 : 0],
  )
  return rows.length > 0
}

/**
 * Queues the job again at once; the attempt does not count against the task. `isLongRunning`: only for workers that have the time
 * for long-running jobs.
 */
export async function giveJobBack(
  { query }: Pick<Database, 'query'>,
  ended: EndedAttempt,
  { isLongRunning = false } = {},
): Promise<boolean> {
  const rows = await query(
    `WITH ${updatedJob(`status = 'queued', run_after = now(), publish_at = now(),
       long_running = long_running OR $4::boolean`)},
     updated_task AS (
       UPDATE tasks SET status = ${STATUS_WITH_QUEUED_JOB}, updated_at = now()
       FROM updated_job WHERE tasks.id = task_id
     )
     SELECT pg_notify('${TASK_CHANGES_CHANNEL}', task_id::text), ${NOTIFY_READY_JOBS} FROM updated_job`,
    [...fence(ended), isLongRunning],
  )
  return rows.length > 0
}

/** SQL: an expanded task stays running, because the job that expanded it has succeeded. */
const STATUS_WITH_QUEUED_JOB = "CASE WHEN kind = 'render' THEN 'queued' ELSE 'running' END::status"

const fence = ({ jobId, attempt, expired = false }: EndedAttempt) => [jobId, attempt, expired]
