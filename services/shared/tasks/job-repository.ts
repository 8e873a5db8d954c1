import { changesChannel } from '../changes.ts'
import type { MediaInfo } from '../contract/media-info.ts'
import type { TaskError } from '../contract/tasks.ts'
import type { Database } from '../database.ts'
import { CATALOGUE } from '../errors.ts'
import type { Claim, StoredOutput } from './rows.ts'

/**
 * A claim, or why there is none: `held` by a live lease or not due yet, `finished` in whatever way,
 * `unknown` when no such job exists (its task was removed).
 */
export type ClaimResult = { kind: 'claimed'; claim: Claim } | { kind: 'held' | 'finished' | 'unknown' }

/** Every write names the claim's attempt, and changes nothing once another attempt or an abort has come by. */
export type JobRepository = {
  claim(jobId: string): Promise<ClaimResult>
  /** Extends the lease and tells the progress (whole per cent). False: the job is no longer this claim's. */
  heartbeat(claim: Claim, progress: number): Promise<boolean>
  /** Makes the outputs the task's result. False: fenced out, nothing written. */
  finish(claim: Claim, made: { sources: MediaInfo[]; outputs: StoredOutput[] }): Promise<boolean>
  /** Ends the task as failed. False: fenced out. */
  fail(claim: Claim, error: TaskError): Promise<boolean>
  /** Queues the job again after a failed attempt. False: fenced out. */
  retry(claim: Claim, error: TaskError, delayMs: number): Promise<boolean>
  /** Queues the job again at once, without an attempt being counted. False: fenced out. */
  giveBack(claim: Claim): Promise<boolean>
  /** Takes back the jobs whose worker fell silent; those out of attempts fail. Gives how many of each. */
  takeBackExpired(limit: number): Promise<{ requeued: number; failed: number }>
  /** Jobs that must be announced now, oldest first; each is due again later if nobody claims it. */
  takeDue(limit: number): Promise<string[]>
}

export type JobTimes = { leaseMs: number; ringAgainMs: number; maxAttempts: number }

const ms = (parameter: string) => `${parameter} * interval '1 ms'`

export function jobRepository({ query }: Database, times: JobTimes): JobRepository {
  return {
    async claim(jobId) {
      const [claim] = await query<Claim>(
        // An expired lease may be taken over directly, except for the last attempt: the sweep closes that.
        `WITH claimed AS (
           UPDATE jobs SET status = 'running', attempt = attempt + 1,
             failures = failures + (status = 'running')::int,
             lease_until = now() + ${ms('$2')}, ring_at = NULL
           WHERE id = $1 AND (
             (status = 'queued' AND run_after <= now())
             OR (status = 'running' AND lease_until < now() AND failures + 1 < $3)
           )
           RETURNING id, task_id, attempt, failures
         ), told AS (
           SELECT pg_notify('${changesChannel}', task_id::text) FROM claimed
         )
         UPDATE tasks SET status = 'running', attempts = attempts + 1, progress = 0, updated_at = now(),
           started_at = coalesce(started_at, now())
         FROM claimed, told WHERE tasks.id = claimed.task_id
         RETURNING claimed.id AS "jobId", tasks.id AS "taskId", user_id AS "userId", claimed.attempt,
           claimed.failures, recipe`,
        [jobId, times.leaseMs, times.maxAttempts],
      )
      return claim ? { kind: 'claimed', claim } : { kind: await whyNotClaimed(jobId) }
    },

    async heartbeat({ jobId, attempt }, progress) {
      const held = await query(
        `WITH held AS (
           UPDATE jobs SET lease_until = now() + ${ms('$3')}
           WHERE id = $1 AND attempt = $2 AND status = 'running' RETURNING task_id
         ), moved AS (
           UPDATE tasks SET progress = $4, updated_at = now()
           FROM held WHERE tasks.id = task_id AND progress < $4 RETURNING tasks.id
         )
         SELECT task_id, (SELECT pg_notify('${changesChannel}', id::text) FROM moved) FROM held`,
        [jobId, attempt, times.leaseMs, progress],
        'job-heartbeat',
      )
      return held.length > 0
    },

    finish: (claim, { sources, outputs }) =>
      settle(
        claim,
        "status = 'succeeded', lease_until = NULL, ring_at = NULL",
        `status = 'succeeded', progress = 100, error = NULL, finished_at = now(), sources = $3, outputs = $4`,
        [JSON.stringify(sources), JSON.stringify(outputs)],
      ),

    fail: (claim, error) =>
      settle(
        claim,
        "status = 'failed', lease_until = NULL, ring_at = NULL, failures = failures + 1",
        `status = 'failed', finished_at = now(), error = $3, failures = failures || $4::jsonb`,
        [JSON.stringify(error), failureEntry(claim, error)],
      ),

    retry: (claim, error, delayMs) =>
      settle(
        claim,
        `status = 'queued', lease_until = NULL, failures = failures + 1,
         run_after = now() + ${ms('$4')}, ring_at = now() + ${ms('$4')}`,
        `status = 'queued', failures = failures || $3::jsonb`,
        [failureEntry(claim, error), delayMs],
      ),

    giveBack: (claim) =>
      settle(
        claim,
        "status = 'queued', lease_until = NULL, run_after = now(), ring_at = now()",
        "status = 'queued'",
        [],
      ),

    async takeBackExpired(limit) {
      const code = 'task.worker_lost'
      const message = 'The worker fell silent in the middle of this attempt.'
      const rows = await query<{ status: string }>(
        `WITH expired AS (
           SELECT id FROM jobs WHERE status = 'running' AND lease_until < now()
           ORDER BY lease_until LIMIT $1 FOR UPDATE SKIP LOCKED
         ), taken AS (
           UPDATE jobs SET failures = failures + 1, lease_until = NULL, run_after = now(),
             status = CASE WHEN failures + 1 >= $2 THEN 'failed' ELSE 'queued' END::status,
             ring_at = CASE WHEN failures + 1 >= $2 THEN NULL ELSE now() END
           FROM expired WHERE jobs.id = expired.id
           RETURNING task_id, attempt, jobs.status
         ), told AS (
           SELECT count(pg_notify('${changesChannel}', task_id::text)) FROM taken
         )
         UPDATE tasks SET status = taken.status, updated_at = now(),
           failures = tasks.failures || jsonb_build_object(
             'attempt', taken.attempt, 'code', $3::text, 'message', $4::text,
             'at', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')),
           finished_at = CASE WHEN taken.status = 'failed' THEN now() END,
           error = CASE WHEN taken.status = 'failed' THEN $5::jsonb END
         FROM taken, told WHERE tasks.id = task_id
         RETURNING tasks.status`,
        [limit, times.maxAttempts, code, message, JSON.stringify(attemptsUsedUp(times.maxAttempts))],
      )
      const failed = rows.filter(({ status }) => status === 'failed').length
      return { requeued: rows.length - failed, failed }
    },

    async takeDue(limit) {
      const rows = await query<{ id: string }>(
        `UPDATE jobs SET ring_at = now() + ${ms('$2')}
         WHERE id IN (
           SELECT id FROM jobs WHERE ring_at <= now() AND status = 'queued'
           ORDER BY ring_at LIMIT $1 FOR UPDATE SKIP LOCKED
         ) RETURNING id`,
        [limit, times.ringAgainMs],
      )
      return rows.map(({ id }) => id)
    },
  }

  /** One fenced statement: the job's row, then its task's, and word to whoever watches. */
  async function settle({ jobId, attempt }: Claim, job: string, task: string, values: unknown[]) {
    const rows = await query(
      `WITH settled AS (
         UPDATE jobs SET ${job} WHERE id = $1 AND attempt = $2 AND status = 'running' RETURNING task_id
       ), told AS (
         SELECT pg_notify('${changesChannel}', task_id::text) FROM settled
       )
       UPDATE tasks SET ${task}, updated_at = now() FROM settled, told WHERE tasks.id = task_id
       RETURNING tasks.id`,
      [jobId, attempt, ...values],
    )
    return rows.length > 0
  }

  async function whyNotClaimed(jobId: string) {
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

const attemptsUsedUp = (attempts: number): TaskError => ({
  code: 'task.attempts_used_up',
  message: `${CATALOGUE['task.attempts_used_up'].title}: its worker vanished, the last time at attempt ${attempts}.`,
})
