import type { MediaInfo } from '../contract/media-info.ts'
import type { TaskError } from '../contract/tasks.ts'
import type { Database } from '../database/database.ts'
import { TASK_CHANGES_CHANNEL } from '../database/task-change-listener.ts'
import { FAIREST_JOB } from './fairness.ts'
import type { Claim, StoredOutput } from './rows.ts'

/**
 * A claim, or why there is none: the job named is `held` by a live lease or not due yet, `finished` in
 * whatever way, or `unknown` (its task was removed).
 */
export type ClaimResult = { kind: 'claimed'; claim: Claim } | { kind: 'held' | 'finished' | 'unknown' }

/** Every write names the claim's attempt, and changes nothing once another attempt or an abort has come by. */
export type JobRepository = {
  /**
   * Takes up the job whose turn it is: a ring says that there is work, not whose. When nothing waits, the
   * result speaks of the job named.
   */
  claim(rungFor: string): Promise<ClaimResult>
  /** Extends the lease and tells the progress (whole per cent). False: the job is no longer this claim's. */
  heartbeat(claim: Claim, progress: number): Promise<boolean>
  /** Makes the outputs the task's result; a second call says what the first one did. False: fenced out. */
  finish(claim: Claim, made: { sources: MediaInfo[]; outputs: StoredOutput[] }): Promise<boolean>
  /** Ends the task as failed; `usedUp` tells an operator that the attempts are. False: fenced out. */
  fail(claim: Claim, error: TaskError, options: { usedUp: boolean }): Promise<boolean>
  /** Queues the job again after a failed attempt, which is kept and may count against it. False: fenced out. */
  retry(claim: Claim, error: TaskError, again: { delayMs: number; counts: boolean }): Promise<boolean>
  /** Queues the job again at once, without an attempt being counted. False: fenced out. */
  giveBack(claim: Claim): Promise<boolean>
}

export type JobSettings = { leaseMs: number; orphanGraceMs: number }

/** Where the objects of an attempt are made: nobody else writes below. */
export const attemptPrefix = ({ taskId, jobId, attempt }: Pick<Claim, 'taskId' | 'jobId' | 'attempt'>) =>
  `tasks/${taskId}/${jobId}-${attempt}/`

export function jobRepository({ query }: Database, times: JobSettings): JobRepository {
  return {
    async claim(rungFor) {
      const [claim] = await query<Claim>(
        // The attempt's objects are noted as litter before there are any; finish strikes the note out.
        `WITH chosen AS (${FAIREST_JOB}),
         claimed AS (
           UPDATE jobs SET status = 'running', attempt = attempt + 1, publish_at = NULL,
             lease_until = now() + $1 * interval '1 ms'
           FROM chosen WHERE jobs.id = chosen.id RETURNING jobs.*
         ), touched AS (
           UPDATE tasks SET status = 'running', attempts = attempts + 1, progress = 0, updated_at = now(),
             started_at = coalesce(started_at, now())
           FROM claimed WHERE tasks.id = task_id RETURNING tasks.id, recipe
         ), served AS (
           UPDATE users SET served_at = clock_timestamp() FROM claimed WHERE users.id = user_id
         ), noted AS (
           INSERT INTO orphaned_objects (prefix, job_id, attempt, clean_after)
           SELECT 'tasks/' || task_id || '/' || id || '-' || attempt || '/', id, attempt,
             now() + $2 * interval '1 ms'
           FROM claimed
         )
         SELECT claimed.id AS "jobId", task_id AS "taskId", user_id AS "userId", attempt, failures, recipe,
           pg_notify('${TASK_CHANGES_CHANNEL}', task_id::text)
         FROM claimed, touched`,
        [times.leaseMs, times.orphanGraceMs],
        'job-claim',
      )
      return claim ? { kind: 'claimed', claim } : { kind: await stateOf(rungFor) }
    },

    async heartbeat({ jobId, attempt }, progress) {
      const held = await query(
        `WITH held AS (
           UPDATE jobs SET lease_until = now() + $3 * interval '1 ms'
           WHERE id = $1 AND attempt = $2 AND status = 'running' RETURNING task_id
         ), moved AS (
           UPDATE tasks SET progress = $4, updated_at = now()
           FROM held WHERE tasks.id = task_id AND progress < $4 RETURNING tasks.id
         )
         SELECT task_id, (SELECT pg_notify('${TASK_CHANGES_CHANNEL}', id::text) FROM moved) FROM held`,
        [jobId, attempt, times.leaseMs, progress],
        'job-heartbeat',
      )
      return held.length > 0
    },

    async finish(claim, { sources, outputs }) {
      const finished = await settle(
        claim,
        "status = 'succeeded', lease_until = NULL, publish_at = NULL",
        `status = 'succeeded', progress = 100, error = NULL, finished_at = now(), sources = $3, outputs = $4`,
        [JSON.stringify(sources), JSON.stringify(outputs)],
        ', swept AS (DELETE FROM orphaned_objects USING settled WHERE job_id = settled.id AND attempt = $2)',
      )
      // The answer to an earlier call may have been lost, with its transaction committed.
      return finished || isFinishedBy(claim)
    },

    fail: (claim, error, { usedUp }) =>
      settle(
        claim,
        "status = 'failed', lease_until = NULL, publish_at = NULL, failures = failures + 1",
        `status = 'failed', finished_at = now(), error = $3, failures = failures || $4::jsonb`,
        [JSON.stringify(error), failureEntry(claim, error), usedUp, error.code],
        `, dead AS (
           INSERT INTO dead_letters (job_id, task_id, reason)
           SELECT id, task_id, $6 FROM settled WHERE $5::boolean
           ON CONFLICT (job_id) DO UPDATE SET times = dead_letters.times + 1, reason = excluded.reason
         )`,
      ),

    retry: (claim, error, { delayMs, counts }) =>
      settle(
        claim,
        `status = 'queued', lease_until = NULL, failures = failures + $5::int,
         run_after = now() + $4 * interval '1 ms', publish_at = now() + $4 * interval '1 ms'`,
        `status = 'queued', failures = failures || $3::jsonb`,
        [failureEntry(claim, error), delayMs, counts ? 1 : 0],
      ),

    giveBack: (claim) =>
      settle(
        claim,
        "status = 'queued', lease_until = NULL, run_after = now(), publish_at = now()",
        "status = 'queued'",
        [],
      ),
  }

  /** One fenced statement: the job's row, then its task's, `more`, and word to whoever watches. */
  async function settle(claim: Claim, job: string, task: string, values: unknown[], more = '') {
    const rows = await query(
      `WITH settled AS (
         UPDATE jobs SET ${job} WHERE id = $1 AND attempt = $2 AND status = 'running' RETURNING id, task_id
       ), touched AS (
         UPDATE tasks SET ${task}, updated_at = now() FROM settled WHERE tasks.id = task_id
       )${more}
       SELECT pg_notify('${TASK_CHANGES_CHANNEL}', task_id::text) FROM settled`,
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
