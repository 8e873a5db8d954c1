import type { TaskError } from '../contract/tasks.ts'
import type { Database } from '../database/database.ts'
import { FAIREST_JOB, LOSSES_BEFORE_ALONE } from './fairness.ts'
import { completeJob, finishTask, type JobResult, jobResults, type TaskResult } from './graph/complete-job.ts'
import { failTask, giveJobBack, retryJob } from './graph/end-attempt.ts'
import { type Expansion, expandJob } from './graph/expand-job.ts'
import { replanTask } from './graph/replan-task.ts'
import { heartbeat, NOTIFIED_AT, NOTIFIES, notifyProgress } from './graph/task-progress.ts'
import type { Claim } from './rows.ts'

/**
 * A claim, or the state of the announced job when there was nothing to claim: `held` (under a live lease, not due yet, or
 * waiting for other jobs), `finished` (succeeded, failed or aborted) or `unknown` (its task was removed). `none`
 * when none was announced.
 * `waitedSeconds`: since the job could be claimed. `dividedSeconds`: since the work of its task was divided, if it was; the time
 * between a failure and a retry does not count.
 */
export type ClaimResult =
  | { kind: 'claimed'; claim: Claim; waitedSeconds: number; dividedSeconds?: number }
  | { kind: 'held' | 'finished' | 'unknown' | 'none' }

/**
 * What a worker does with jobs. Every write names the claim's attempt and returns false, changing nothing, once the
 * job has been claimed again, requeued or aborted: the worker is fenced out.
 */
export type JobRepository = {
  /**
   * Claims the next job in fair order, which need not be the announced one: a message only says that there is work.
   * When there is nothing to claim, the result describes the announced job. `build` identifies the worker's versions
   * of ffmpeg and the media engine's code: a job that another build planned is claimed only when it has been ready for 2 minutes
   * and no worker of that build works on the task. `isIdle`: the worker runs no other job, and so may claim one that must run
   * alone.
   */
  claim(announcedJobId: string | undefined, build: string, isIdle?: boolean): Promise<ClaimResult>
  /** Extends the lease and records the progress of the job, in whole per cent. */
  heartbeat(claim: Claim, progress: number): Promise<boolean>
  /**
   * Divides the work of a `render` among other jobs, in one transaction. Returns the ids of those that can be claimed,
   * in order, or undefined when fenced out; repeating a call that succeeded returns them again. The caller publishes
   * them; the sweep publishes those that it missed.
   */
  expand(claim: Claim, expansion: Expansion): Promise<string[] | undefined>
  /**
   * Ends a job of an expanded task other than its last: stores the result, and counts down the job that waits for it.
   * Repeating a call that succeeded returns true again.
   */
  complete(claim: Claim, result: unknown): Promise<boolean>
  /** What the jobs of an expanded task produced that have succeeded, in order of creation. */
  results(taskId: string): Promise<JobResult[]>
  /** Makes the outputs the task's result. Repeating a call that succeeded returns true again. */
  finish(claim: Claim, result: TaskResult): Promise<boolean>
  /**
   * Turns an expanded task back into one queued `render`, when a worker cannot work on its plan. All other jobs are
   * deleted and their objects orphaned.
   */
  replan(claim: Claim): Promise<boolean>
  /**
   * Ends the task as failed and aborts its other jobs. `usedUp`: the job ran out of attempts, which records a dead
   * letter for the operator.
   */
  fail(claim: Claim, error: TaskError, options: { usedUp: boolean }): Promise<boolean>
  /** Queues the job again after a failed attempt, which is recorded and, with `counts`, counts against the task. */
  retry(claim: Claim, error: TaskError, options: { delayMs: number; counts: boolean }): Promise<boolean>
  /** Queues the job again at once; the attempt does not count against the task. */
  giveBack(claim: Claim): Promise<boolean>
  /** The same for a job that takes longer than this worker has: only workers with `claimsLongJobs` claim it from now on. */
  handOver(claim: Claim): Promise<boolean>
}

/**
 * `orphanGraceMs`: how long after its claim an attempt's objects may be looked at as orphans. `republishAfterMs`: how
 * long a job that `expand` added may stay unclaimed before the sweep publishes it. `claimsLongJobs`: whether the worker has the
 * time for long-running jobs; by default it has.
 */
export type JobSettings = {
  leaseMs: number
  orphanGraceMs: number
  republishAfterMs: number
  claimsLongJobs?: boolean
}

/** The storage prefix of an attempt's objects. No other attempt writes below it. */
export const attemptPrefix = ({ taskId, jobId, attempt }: Pick<Claim, 'taskId' | 'jobId' | 'attempt'>) =>
  `tasks/${taskId}/${jobId}-${attempt}/`

export function jobRepository(database: Database, settings: JobSettings): JobRepository {
  const { query } = database
  return {
    async claim(announcedJobId, build, isIdle = true) {
      const [row] = await query<Claim & { waitedSeconds: number; dividedSeconds: number | null }>(
        // The attempt's prefix is recorded as orphaned before it holds any object; finish deletes that record.
        `WITH chosen AS (${FAIREST_JOB}),
         claimed AS (
           UPDATE jobs SET status = 'running', attempt = attempt + 1, progress = 0, publish_at = NULL,
             lease_until = now() + $3 * interval '1 ms'
           FROM chosen WHERE jobs.id = chosen.id RETURNING jobs.*
         ), updated_task AS (
           UPDATE tasks SET status = 'running', attempts = greatest(attempts, claimed.attempt), updated_at = now(),
             progress = CASE WHEN kind = 'render' THEN 0 ELSE tasks.progress END,
             started_at = coalesce(started_at, now()), notified_at = ${NOTIFIED_AT}
           FROM claimed WHERE tasks.id = task_id
           RETURNING tasks.id, recipe, destination, CASE WHEN kind <> 'render' THEN plan END AS plan, expanded_at, ${NOTIFIES}
         ), served AS (
           UPDATE users SET served_at = clock_timestamp() FROM claimed WHERE users.id = user_id
         ), orphaned AS (
           INSERT INTO orphaned_objects (prefix, job_id, attempt, clean_after)
           SELECT 'tasks/' || task_id || '/' || id || '-' || attempt || '/', id, attempt,
             now() + $4 * interval '1 ms'
           FROM claimed
         )
         SELECT claimed.id AS "jobId", task_id AS "taskId", user_id AS "userId", kind, attempt, failures,
           previous_error AS "lastFailure", recipe, destination, params, plan, build,
           worker_losses >= ${LOSSES_BEFORE_ALONE} AS alone,
           greatest(0, extract(epoch FROM now() - run_after))::float8 AS "waitedSeconds",
           extract(epoch FROM now() - expanded_at)::float8 AS "dividedSeconds",
           CASE WHEN kind = 'render' OR notifies THEN ${notifyProgress('task_id')} END
         FROM claimed, updated_task`,
        [build, isIdle, settings.leaseMs, settings.orphanGraceMs, settings.claimsLongJobs ?? true],
        'job-claim',
      )
      if (row) {
        const { waitedSeconds, dividedSeconds, ...claim } = row
        return { kind: 'claimed', claim, waitedSeconds, ...(dividedSeconds !== null && { dividedSeconds }) }
      }
      return { kind: announcedJobId === undefined ? 'none' : await stateOf(announcedJobId) }
    },

    heartbeat: (claim, progress) => heartbeat(database, claim, { progress, leaseMs: settings.leaseMs }),
    expand: (claim, expansion) => expandJob(database, claim, expansion, settings.republishAfterMs),
    complete: (claim, result) => completeJob(database, claim, result),
    results: (taskId) => jobResults(database, taskId),
    finish: (claim, result) => finishTask(database, claim, result),
    replan: (claim) => replanTask(database, claim),
    fail: (claim, error, { usedUp }) => failTask(database, claim, error, { error, usedUp }),
    retry: (claim, error, options) => retryJob(database, claim, error, options),
    giveBack: (claim) => giveJobBack(database, claim),
    handOver: (claim) => giveJobBack(database, claim, { isLongRunning: true }),
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
