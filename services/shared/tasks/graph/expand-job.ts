import { randomUUID } from 'node:crypto'
import type { MediaInfo } from '../../contract/media-info.ts'
import type { Database, Query } from '../../database/database.ts'
import { TASK_CHANGES_CHANNEL } from '../../database/task-change-listener.ts'
import { NOTIFY_READY_JOBS } from '../ready-jobs.ts'
import type { Claim } from '../rows.ts'
import type { JobKind } from '../status.ts'
import { isSucceededBy } from './complete-job.ts'
import { keepObjectsOf } from './kept-objects.ts'

export type NewJob = {
  kind: Exclude<JobKind, 'render'>
  /** What the job works on; `Claim.params` of whoever claims it. */
  params: unknown
  /** Estimated CPU seconds. */
  weight: number
  /** Index of the job that depends on this one, if any. Its claim waits until all such jobs have succeeded. */
  unblocks: number | null
  /** Only for workers that have the time for long-running jobs. */
  longRunning?: boolean
}

/** What a `render` that does not fit into one job is divided into; `build` planned it and should work on it. */
export type Expansion = { sources: MediaInfo[]; plan: unknown; build: string; jobs: NewJob[] }

/**
 * Ends a `render` by adding the jobs that do its work. They are as old as the task, in the order given. Returns the ids
 * of those that can be claimed by any worker, or undefined when the claim is fenced out. Repeating a call that succeeded returns
 * the ids again.
 */
export function expandJob(
  { transaction }: Pick<Database, 'transaction'>,
  claim: Claim,
  { sources, plan, build, jobs }: Expansion,
  republishAfterMs: number,
): Promise<string[] | undefined> {
  return transaction(async (query) => {
    if (!(await succeedRender(query, claim))) {
      // An earlier call may have committed and its reply been lost.
      return (await isSucceededBy(query, claim)) ? readyJobs(query, claim.taskId) : undefined
    }
    const ids = jobs.map(() => randomUUID())
    const rows = jobs.map(({ unblocks, longRunning = false, ...job }, index) => ({
      ...job,
      long_running: longRunning,
      index,
      id: ids[index],
      unblocks: unblocks === null ? null : ids[unblocks],
      waits_for: jobs.filter((other) => other.unblocks === index).length,
    }))
    await query(
      `INSERT INTO jobs (id, task_id, user_id, priority, kind, params, weight, waits_for, unblocks, long_running, build, created_at, run_after, publish_at)
       SELECT added.id, task_id, user_id, priority, added.kind, added.params, added.weight, added.waits_for, added.unblocks,
         added.long_running, $3, created_at + index * interval '1 ms',
         CASE WHEN added.waits_for > 0 THEN 'infinity' ELSE now() END,
         CASE WHEN added.waits_for = 0 THEN now() + $4 * interval '1 ms' END
       FROM jobs, jsonb_to_recordset($2) AS added (id uuid, kind text, params jsonb, weight real, waits_for int, unblocks uuid, long_running boolean, index int)
       WHERE jobs.id = $1`,
      [claim.jobId, JSON.stringify(rows), build, republishAfterMs],
    )
    await query(
      `UPDATE tasks SET plan = $2, sources = $3, expanded_at = now(), updated_at = now() WHERE id = $1
       RETURNING pg_notify('${TASK_CHANGES_CHANNEL}', id::text), ${NOTIFY_READY_JOBS}`,
      [claim.taskId, JSON.stringify(plan), JSON.stringify(sources)],
    )
    return readyJobs(query, claim.taskId)
  })
}

async function succeedRender(query: Query, { jobId, attempt }: Claim): Promise<boolean> {
  const rows = await query(
    `WITH divided AS (
       UPDATE jobs SET status = 'succeeded', progress = 100, lease_until = NULL
       WHERE id = $1 AND attempt = $2 AND status = 'running' AND kind = 'render' RETURNING id, attempt
     ), kept AS (${keepObjectsOf('divided')})
     SELECT id FROM divided`,
    [jobId, attempt],
  )
  return rows.length > 0
}

async function readyJobs(query: Query, taskId: string): Promise<string[]> {
  const rows = await query<{ id: string }>(
    `SELECT id FROM jobs WHERE task_id = $1 AND status = 'queued' AND waits_for = 0 AND NOT long_running ORDER BY created_at, id`,
    [taskId],
  )
  return rows.map(({ id }) => id)
}
