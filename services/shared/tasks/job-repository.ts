import type { MediaInfo } from '../contract/media-info.ts'
import type { TaskError } from '../contract/tasks.ts'
import type { Database } from '../database/database.ts'
import { TASK_CHANGES_CHANNEL } from '../database/task-change-listener.ts'
import { FAIREST_JOB } from './fairness.ts'
import { NOTIFY_READY_JOBS } from './ready-jobs.ts'
import type { Claim, StoredOutput } from './rows.ts'

/**
 * A claim, or the state of the announced job when there was nothing to claim: `held` (under a live lease, or not due
 * yet), `finished` (succeeded, failed or aborted) or `unknown` (its task was removed). `none` when none was announced.
 */
export type ClaimResult =
  | { kind: 'claimed'; claim: Claim }
  | { kind: 'held' | 'finished' | 'unknown' | 'none' }

/**
 * What a worker does with jobs. Every write names the claim's attempt and returns false, changing nothing, once the
 * job has been claimed again, requeued or aborted: the worker is fenced out.
 */
export type JobRepository = {
  /**
   * Claims the next job in fair order, which need not be the announced one: a message only says that there is work.
   * When there is nothing to claim, the result describes the announced job.
   */
  claim(announcedJobId?: string): Promise<ClaimResult>
  /** Extends the lease and records the progress, in whole per cent. */
  heartbeat(claim: Claim, progress: number): Promise<boolean>
  /** Makes the outputs the task's result. Repeating a call that succeeded returns true again. */
  finish(claim: Claim, result: { sources: MediaInfo[]; outputs: StoredOutput[] }): Promise<boolean>
  /** Ends the task as failed. `usedUp`: it ran out of attempts, which records a dead letter for the operator. */
  fail(claim: Claim, error: TaskError, options: { usedUp: boolean }): Promise<boolean>
  /** Queues the job again after a failed attempt, which is recorded and, with `counts`, counts against the task. */
  retry(claim: Claim, error: TaskError, options: { delayMs: number; counts: boolean }): Promise<boolean>
  /** Queues the job again at once; the attempt does not count against the task. */
  giveBack(claim: Claim): Promise<boolean>
}

/** `orphanGraceMs`: how long after its claim an attempt's objects may be looked at as orphans. */
export type JobSettings = { leaseMs: number; orphanGraceMs: number }

/** The storage prefix of an attempt's objects. No other attempt writes below it. */
export const attemptPrefix = ({ taskId, jobId, attempt }: Pick<Claim, 'taskId' | 'jobId' | 'attempt'>) =>
  `tasks/${taskId}/${jobId}-${attempt}/`

export function jobRepository({ query }: Database, settings: JobSettings): JobRepository {
  return {
    async claim(announcedJobId) {
      const [claim] = await query<Claim>(
        // The attempt's prefix is recorded as orphaned before it holds any object; finish deletes that record.
        `WITH chosen AS (${FAIREST_JOB}),
         claimed AS (
           UPDATE jobs SET status = 'running', attempt = attempt + 1, publish_at = NULL,
             lease_until = now() + $1 * interval '1 ms'
           FROM chosen WHERE jobs.id = chosen.id RETURNING jobs.*
         ), updated_task AS (
           UPDATE tasks SET status = 'running', attempts = attempts + 1, progress = 0, updated_at = now(),
             started_at = coalesce(started_at, now())
           FROM claimed WHERE tasks.id = task_id RETURNING tasks.id, recipe, tasks.failures -> -1 AS last_failure
         ), served AS (
           UPDATE users SET served_at = clock_timestamp() FROM claimed WHERE users.id = user_id
         ), orphaned AS (
           INSERT INTO orphaned_objects (prefix, job_id, attempt, clean_after)
           SELECT 'tasks/' || task_id || '/' || id || '-' || attempt || '/', id, attempt,
             now() + $2 * interval '1 ms'
           FROM claimed
         )
         SELECT claimed.id AS "jobId", task_id AS "taskId", user_id AS "userId", attempt, failures, last_failure AS "lastFailure", recipe,
           pg_notify('${TASK_CHANGES_CHANNEL}', task_id::text)
         FROM claimed, updated_task`,
        [settings.leaseMs, settings.orphanGraceMs],
        'job-claim',
      )
      if (claim) return { kind: 'claimed', claim }
      return { kind: announcedJobId === undefined ? 'none' : await stateOf(announcedJobId) }
    },

    async heartbeat({ jobId, attempt }, progress) {
      const rows = await query(
        `WITH held AS (
           UPDATE jobs SET lease_until = now() + $3 * interval '1 ms'
           WHERE id = $1 AND attempt = $2 AND status = 'running' RETURNING task_id
         ), updated_task AS (
           UPDATE tasks SET progress = $4, updated_at = now()
           FROM held WHERE tasks.id = task_id AND progress < $4 RETURNING tasks.id
         )
         SELECT task_id, (SELECT pg_notify('${TASK_CHANGES_CHANNEL}', id::text) FROM updated_task) FROM held`,
        [jobId, attempt, settings.leaseMs, progress],
        'job-heartbeat',
      )
      return rows.length > 0
    },

    async finish(claim, { sources, outputs }) {
      const finished = await updateClaimed(
        claim,
        "status = 'succeeded', lease_until = NULL, publish_at = NULL",
        `status = 'succeeded', progress = 100, error = NULL, finished_at = now(), sources = $3, outputs = $4`,
        [JSON.stringify(sources), JSON.stringify(outputs)],
        ', kept AS (DELETE FROM orphaned_objects USING updated_job WHERE job_id = updated_job.id AND attempt = $2)',
      )
      // An earlier call may have committed and its reply been lost.
      return finished || isFinishedBy(claim)
    },

    fail: (claim, error, { usedUp }) =>
      updateClaimed(
        claim,
        "status = 'failed', lease_until = NULL, publish_at = NULL, failures = failures + 1",
        `status = 'failed', finished_at = now(), error = $3, failures = failures || $4::jsonb`,
        [JSON.stringify(error), failureEntry(claim, error), usedUp, error.code],
        `, dead_letter AS (
           INSERT INTO dead_letters (job_id, task_id, reason)
           SELECT id, task_id, $6 FROM updated_job WHERE $5::boolean
           ON CONFLICT (job_id) DO UPDATE SET times = dead_letters.times + 1, reason = excluded.reason
         )`,
      ),

    retry: (claim, error, { delayMs, counts }) =>
      updateClaimed(
        claim,
        `status = 'queued', lease_until = NULL, failures = failures + $5::int,
         run_after = now() + $4 * interval '1 ms', publish_at = now() + $4 * interval '1 ms'`,
        `status = 'queued', failures = failures || $3::jsonb`,
        [failureEntry(claim, error), delayMs, counts ? 1 : 0],
      ),

    giveBack: (claim) =>
      updateClaimed(
        claim,
        "status = 'queued', lease_until = NULL, run_after = now(), publish_at = now()",
        "status = 'queued'",
        [],
        `, ready AS (SELECT ${NOTIFY_READY_JOBS} FROM updated_job)`,
        ', ready',
      ),
  }

  /**
   * One fenced statement: updates the job, then its task, runs the CTEs in `more`, and notifies the task's listeners.
   * `values` are the parameters from $3 on; `from` names those of `more` that only run when they are read.
   */
  async function updateClaimed(
    claim: Claim,
    job: string,
    task: string,
    values: unknown[],
    more = '',
    from = '',
  ) {
    const rows = await query(
      `WITH updated_job AS (
         UPDATE jobs SET ${job} WHERE id = $1 AND attempt = $2 AND status = 'running' RETURNING id, task_id
       ), updated_task AS (
         UPDATE tasks SET ${task}, updated_at = now() FROM updated_job WHERE tasks.id = task_id
       )${more}
       SELECT pg_notify('${TASK_CHANGES_CHANNEL}', task_id::text) FROM updated_job${from}`,
      [claim.jobId, claim.attempt, ...values],
    )
    return rows.length > 0
  }

  async function isFinishedBy({ jobId, attempt }: Claim) {
    const rows = await query("SELECT id FROM jobs WHERE id = $1 AND attempt = $2 AND status = 'succeeded'", [
      jobId,
      attempt,
    ])
    return rows.length > 0
  }

  async function stateOf(jobId: string) {
    const [job] = await query<{ active: boolean }>(
      `SELECT status IN ('queued', 'running') AS active FROM jobs WHERE id = $1`,
      [jobId],
    )
    if (!job) return 'unknown'
    return job.active ? 'held' : 'finished'
  }
}

const failureEntry = ({ attempt }: Claim, { code, message }: TaskError): string =>
  JSON.stringify({ attempt, code, message, at: new Date().toISOString() })
