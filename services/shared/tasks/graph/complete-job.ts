import type { MediaInfo } from '../../contract/media-info.ts'
import type { Database, Query } from '../../database/database.ts'
import { TASK_CHANGES_CHANNEL } from '../../database/task-change-listener.ts'
import { NOTIFY_READY_JOBS } from '../ready-jobs.ts'
import type { Claim, StoredOutput } from '../rows.ts'
import type { JobKind } from '../status.ts'
import { keepObjectsOf, releaseObjectsOf } from './kept-objects.ts'
import { after, lockTask } from './lock-task.ts'
import { NOTIFIED_AT, NOTIFIES, notifyProgress, weightedProgress } from './task-progress.ts'

/** `sources` undefined keeps those that the task has. */
export type TaskResult = { sources: MediaInfo[] | undefined; outputs: StoredOutput[] }

/** What a job of an expanded task worked on and produced. */
export type JobResult = { kind: JobKind; params: unknown; result: unknown }

/** Stores what a job produced and counts down the job that waits for it. */
export function completeJob(
  { transaction }: Pick<Database, 'transaction'>,
  claim: Claim,
  result: unknown,
): Promise<boolean> {
  return transaction(async (query) => {
    await lockTask(query, claim.taskId)
    const rows = await query(
      `WITH completed AS (
         UPDATE jobs SET status = 'succeeded', progress = 100, lease_until = NULL, result = $3
         WHERE id = $1 AND attempt = $2 AND status = 'running' AND kind NOT IN ('render', 'stitch')
         RETURNING id, task_id, attempt, weight, progress, unblocks
       ), unblocked AS (
         UPDATE jobs SET waits_for = waits_for - 1,
           run_after = CASE WHEN waits_for = 1 THEN now() ELSE run_after END,
           publish_at = CASE WHEN waits_for = 1 THEN now() END
         FROM completed WHERE jobs.id = completed.unblocks AND jobs.status = 'queued' AND waits_for > 0
         RETURNING jobs.id
       ), kept AS (${keepObjectsOf('completed')}),
       updated_task AS (
         UPDATE tasks SET progress = greatest(tasks.progress, ${weightedProgress('completed')}), updated_at = now(),
           notified_at = ${NOTIFIED_AT}
         FROM completed, ${after('unblocked')} WHERE tasks.id = task_id RETURNING tasks.id, ${NOTIFIES}
       )
       SELECT completed.id, (SELECT ${notifyProgress('id')} FROM updated_task WHERE notifies),
         (SELECT ${NOTIFY_READY_JOBS} FROM unblocked)
       FROM completed`,
      [claim.jobId, claim.attempt, JSON.stringify(result)],
      'job-complete',
    )
    // An earlier call may have committed and its reply been lost.
    return rows.length > 0 || isSucceededBy(query, claim)
  })
}

/** Ends the task: its objects are those of this attempt, and those of its other jobs have served their purpose. */
export async function finishTask(
  { query }: Pick<Database, 'query'>,
  claim: Claim,
  { sources, outputs }: TaskResult,
): Promise<boolean> {
  const rows = await query(
    `WITH finished AS (
       UPDATE jobs SET status = 'succeeded', progress = 100, lease_until = NULL, publish_at = NULL
       WHERE id = $1 AND attempt = $2 AND status = 'running' AND kind IN ('render', 'stitch') RETURNING id, task_id
     ), updated_task AS (
       UPDATE tasks SET status = 'succeeded', progress = 100, error = NULL, finished_at = now(), updated_at = now(),
         sources = coalesce($3, sources), outputs = $4
       FROM finished WHERE tasks.id = task_id
     ), named AS (
       DELETE FROM orphaned_objects USING finished WHERE job_id = finished.id AND attempt = $2
     ), released AS (${releaseObjectsOf('finished')})
     SELECT pg_notify('${TASK_CHANGES_CHANNEL}', task_id::text) FROM finished`,
    [claim.jobId, claim.attempt, sources ? JSON.stringify(sources) : null, JSON.stringify(outputs)],
  )
  // An earlier call may have committed and its reply been lost.
  return rows.length > 0 || isSucceededBy(query, claim)
}

/** What the jobs of a task produced that have succeeded, in order of creation. */
export const jobResults = ({ query }: Pick<Database, 'query'>, taskId: string): Promise<JobResult[]> =>
  query<JobResult>(
    `SELECT kind, params, result FROM jobs WHERE task_id = $1 AND status = 'succeeded' AND kind <> 'render'
     ORDER BY created_at, id`,
    [taskId],
  )

/** Whether the claim's own attempt has ended the job with success. */
export async function isSucceededBy(query: Query, { jobId, attempt }: Claim): Promise<boolean> {
  const rows = await query("SELECT FROM jobs WHERE id = $1 AND attempt = $2 AND status = 'succeeded'", [
    jobId,
    attempt,
  ])
  return rows.length > 0
}
