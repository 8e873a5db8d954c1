import type { Database } from '../database/database.ts'
import { TASK_CHANGES_CHANNEL } from '../database/task-change-listener.ts'
import { CATALOGUE, type ErrorCode } from '../errors.ts'

/**
 * What the sweep takes from the tables. Every call is bounded, and takes each row once however many sweeps run
 * at a time: what another one holds is skipped.
 */
export type SweepRepository = {
  /** Takes back the jobs whose worker fell silent; those out of attempts fail. */
  requeueExpired(limit: number): Promise<{ requeued: number; failed: number }>
  /** Jobs that must be announced now, oldest first; each is due again later if nobody claims it. */
  claimDueForPublish(limit: number): Promise<string[]>
  /**
   * The job that has waited longest, if any has for a while: with a backlog, rings can be used up, and whoever
   * ends a job should not have to wait for the sweep to hear of the next.
   */
  claimLongestWaiting(): Promise<string | undefined>
  /**
   * Prefixes below which no object is named by a task, or ever will be. They come again later unless they are
   * struck out, which is for when their objects are gone.
   */
  claimOrphanedPrefixes(limit: number): Promise<string[]>
  forgetOrphanedPrefixes(prefixes: string[]): Promise<void>
  /** Empties the outputs of tasks that finished long ago and records their objects as orphaned. Returns how many tasks. */
  expireOutputs(limit: number): Promise<number>
  expireIdempotencyKeys(limit: number): Promise<number>
  /**
   * Notes that the queue gave a message up. No verdict: a job that waits is announced again after a while.
   */
  recordDeadLetter(jobId: string): Promise<'waiting' | 'over' | 'unknown'>
}

export type SweepSettings = {
  republishAfterMs: number
  maxAttempts: number
  orphanGraceMs: number
  outputDays: number
}

/** How long a first reply is kept for its Idempotency-Key. */
const keysKeptFor = "interval '24 hours'"

/** Longer than a ring takes that finds a free worker. */
const longWait = "interval '5 seconds'"

export function sweepRepository({ query }: Database, times: SweepSettings): SweepRepository {
  return {
    async requeueExpired(limit) {
      const rows = await query<{ status: string }>(
        `WITH expired AS (
           SELECT id, failures + 1 >= $2 AS used_up FROM jobs WHERE status = 'running' AND lease_until < now()
           ORDER BY lease_until LIMIT $1 FOR UPDATE SKIP LOCKED
         ), taken AS (
           UPDATE jobs SET failures = failures + 1, lease_until = NULL, run_after = now(),
             status = CASE WHEN used_up THEN 'failed' ELSE 'queued' END::status,
             publish_at = CASE WHEN used_up THEN NULL ELSE now() END
           FROM expired WHERE jobs.id = expired.id
           RETURNING jobs.id, task_id, attempt, jobs.status, used_up
         ), dead AS (
           INSERT INTO dead_letters (job_id, task_id, reason) SELECT id, task_id, $3 FROM taken WHERE used_up
           ON CONFLICT (job_id) DO UPDATE SET times = dead_letters.times + 1, reason = excluded.reason
         ), touched AS (
           UPDATE tasks SET status = taken.status, updated_at = now(),
             failures = tasks.failures || jsonb_build_object(
               'attempt', taken.attempt, 'code', $3::text, 'message', $4::text,
               'at', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')),
             finished_at = CASE WHEN used_up THEN now() END,
             error = CASE WHEN used_up THEN $5::jsonb END
           FROM taken WHERE tasks.id = task_id
         )
         SELECT status, pg_notify('${TASK_CHANGES_CHANNEL}', task_id::text) FROM taken`,
        [limit, times.maxAttempts, workerLost, CATALOGUE[workerLost].title, JSON.stringify(attemptsUsedUp)],
      )
      const failed = rows.filter(({ status }) => status === 'failed').length
      return { requeued: rows.length - failed, failed }
    },

    async claimDueForPublish(limit) {
      const rows = await query<{ id: string }>(
        `UPDATE jobs SET publish_at = now() + $2 * interval '1 ms'
         WHERE id IN (
           SELECT id FROM jobs WHERE publish_at <= now() AND status = 'queued'
           ORDER BY publish_at LIMIT $1 FOR UPDATE SKIP LOCKED
         ) RETURNING id`,
        [limit, times.republishAfterMs],
      )
      return rows.map(({ id }) => id)
    },

    async claimLongestWaiting() {
      const [job] = await query<{ id: string }>(
        `UPDATE jobs SET publish_at = now() + $1 * interval '1 ms'
         WHERE id = (
           SELECT id FROM jobs WHERE status = 'queued' AND run_after < now() - ${longWait}
           ORDER BY publish_at LIMIT 1 FOR UPDATE SKIP LOCKED
         ) RETURNING id`,
        [times.republishAfterMs],
        'job-waiting',
      )
      return job?.id
    },

    async claimOrphanedPrefixes(limit) {
      const rows = await query<{ prefix: string; current: boolean }>(
        `WITH due AS (
           SELECT prefix, job_id, attempt FROM orphaned_objects WHERE clean_after <= now()
           ORDER BY clean_after LIMIT $1 FOR UPDATE SKIP LOCKED
         ), later AS (
           UPDATE orphaned_objects SET clean_after = now() + $2 * interval '1 ms' FROM due WHERE orphaned_objects.prefix = due.prefix
         )
         SELECT prefix FROM due WHERE NOT EXISTS (
           SELECT 1 FROM jobs WHERE id = job_id AND jobs.attempt = due.attempt AND status = 'running'
         )`,
        [limit, times.orphanGraceMs],
      )
      return rows.map(({ prefix }) => prefix)
    },

    async forgetOrphanedPrefixes(prefixes) {
      await query('DELETE FROM orphaned_objects WHERE prefix = ANY($1)', [prefixes])
    },

    async expireOutputs(limit) {
      const expired = await query(
        `WITH old AS (
           SELECT id, outputs FROM tasks
           WHERE finished_at < now() - $2 * interval '1 day' AND outputs <> '[]'
           ORDER BY finished_at LIMIT $1 FOR UPDATE SKIP LOCKED
         ), emptied AS (
           UPDATE tasks SET outputs = '[]', updated_at = now() FROM old WHERE tasks.id = old.id
         ), noted AS (
           INSERT INTO orphaned_objects (prefix, clean_after) SELECT 'tasks/' || id || '/', now() FROM old
           ON CONFLICT DO NOTHING
         )
         SELECT id FROM old`,
        [limit, times.outputDays],
      )
      return expired.length
    },

    async expireIdempotencyKeys(limit) {
      const rows = await query(
        `DELETE FROM idempotency_keys WHERE (user_id, key) IN (
           SELECT user_id, key FROM idempotency_keys WHERE created_at < now() - ${keysKeptFor}
           ORDER BY created_at LIMIT $1 FOR UPDATE SKIP LOCKED
         ) RETURNING key`,
        [limit],
      )
      return rows.length
    },

    async recordDeadLetter(jobId) {
      const [job] = await query<{ active: boolean }>(
        `WITH job AS (
           SELECT id, task_id, status IN ('queued', 'running') AS active FROM jobs WHERE id = $1
         ), noted AS (
           INSERT INTO dead_letters (job_id, task_id, reason) SELECT id, task_id, 'queue gave up' FROM job WHERE active
           ON CONFLICT (job_id) DO UPDATE SET times = dead_letters.times + 1
         ), again AS (
           UPDATE jobs SET publish_at = greatest(run_after, now() + $2 * interval '1 ms')
           WHERE id = $1 AND status = 'queued'
         )
         SELECT active FROM job`,
        [jobId, times.republishAfterMs],
      )
      if (!job) return 'unknown'
      return job.active ? 'waiting' : 'over'
    },
  }
}

const workerLost = 'task.worker_lost' satisfies ErrorCode

const attemptsUsedUp = {
  code: 'task.attempts_used_up' satisfies ErrorCode,
  message: `${CATALOGUE['task.attempts_used_up'].title}: the last worker fell silent.`,
}
