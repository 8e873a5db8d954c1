import type { Database } from '../database/database.ts'
import { TASK_CHANGES_CHANNEL } from '../database/task-change-listener.ts'
import { CATALOGUE, type ErrorCode } from '../errors.ts'
import { NOTIFY_READY_JOBS } from './ready-jobs.ts'

/**
 * The sweep's access to the tables. Every call handles at most `limit` rows and skips rows that a concurrent sweep
 * has locked, so that each row is handled once.
 */
export type SweepRepository = {
  /** Queues jobs whose lease has expired again; those without attempts left fail. */
  requeueExpired(limit: number): Promise<{ requeued: number; failed: number }>
  /** Jobs that are due to be published, oldest first. Each becomes due again later unless it is claimed. */
  claimDueForPublish(limit: number): Promise<string[]>
  /**
   * The job that has been queued longest, if it has been for more than a few seconds: with a backlog, all messages can
   * be used up, and a worker that finishes a job should not have to wait for the next sweep to get another.
   */
  claimLongestWaiting(): Promise<string | undefined>
  /**
   * Storage prefixes whose objects no task names or ever will. They become due again later unless they are forgotten,
   * which the caller does once it has removed their objects.
   */
  claimOrphanedPrefixes(limit: number): Promise<string[]>
  forgetOrphanedPrefixes(prefixes: string[]): Promise<void>
  /** Empties the outputs of tasks that finished long ago and records their objects as orphaned. Returns how many tasks. */
  expireOutputs(limit: number): Promise<number>
  expireIdempotencyKeys(limit: number): Promise<number>
  /** Deletes the request headers of tasks that failed a week ago: until then, they can be retried. */
  expireSourceHeaders(limit: number): Promise<number>
  /**
   * Records that the queue gave up on a job's message, which does not fail the job: it is published again later.
   * Returns the job's state.
   */
  recordDeadLetter(jobId: string): Promise<'waiting' | 'finished' | 'unknown'>
}

export type SweepSettings = {
  republishAfterMs: number
  maxAttempts: number
  orphanGraceMs: number
  outputDays: number
}

const IDEMPOTENCY_KEY_RETENTION = "interval '24 hours'"
const SOURCE_HEADERS_RETENTION = "interval '7 days'"

/** Longer than a message takes to reach a free worker. */
const LONG_WAIT = "interval '5 seconds'"

export function sweepRepository({ query }: Database, settings: SweepSettings): SweepRepository {
  return {
    async requeueExpired(limit) {
      const rows = await query<{ status: string }>(
        `WITH expired AS (
           SELECT id, failures + 1 >= $2 AS used_up FROM jobs WHERE status = 'running' AND lease_until < now()
           ORDER BY lease_until LIMIT $1 FOR UPDATE SKIP LOCKED
         ), updated_job AS (
           UPDATE jobs SET failures = failures + 1, lease_until = NULL, run_after = now(),
             status = CASE WHEN used_up THEN 'failed' ELSE 'queued' END::status,
             publish_at = CASE WHEN used_up THEN NULL ELSE now() END
           FROM expired WHERE jobs.id = expired.id
           RETURNING jobs.id, task_id, attempt, jobs.status, used_up
         ), dead_letter AS (
           INSERT INTO dead_letters (job_id, task_id, reason) SELECT id, task_id, $3 FROM updated_job WHERE used_up
           ON CONFLICT (job_id) DO UPDATE SET times = dead_letters.times + 1, reason = excluded.reason
         ), updated_task AS (
           UPDATE tasks SET status = updated_job.status, updated_at = now(),
             failures = tasks.failures || jsonb_build_object(
               'attempt', updated_job.attempt, 'code', $3::text, 'message', $4::text,
               'at', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')),
             finished_at = CASE WHEN used_up THEN now() END,
             error = CASE WHEN used_up THEN $5::jsonb END
           FROM updated_job WHERE tasks.id = task_id
         )
         SELECT status, pg_notify('${TASK_CHANGES_CHANNEL}', task_id::text), ${NOTIFY_READY_JOBS} FROM updated_job`,
        [
          limit,
          settings.maxAttempts,
          WORKER_LOST,
          CATALOGUE[WORKER_LOST].title,
          JSON.stringify(ATTEMPTS_USED_UP),
        ],
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
        [limit, settings.republishAfterMs],
      )
      return rows.map(({ id }) => id)
    },

    async claimLongestWaiting() {
      const [job] = await query<{ id: string }>(
        `UPDATE jobs SET publish_at = now() + $1 * interval '1 ms'
         WHERE id = (
           SELECT id FROM jobs WHERE status = 'queued' AND run_after < now() - ${LONG_WAIT}
           ORDER BY publish_at LIMIT 1 FOR UPDATE SKIP LOCKED
         ) RETURNING id`,
        [settings.republishAfterMs],
        'job-waiting',
      )
      return job?.id
    },

    async claimOrphanedPrefixes(limit) {
      const rows = await query<{ prefix: string }>(
        `WITH due AS (
           SELECT prefix, job_id, attempt FROM orphaned_objects WHERE clean_after <= now()
           ORDER BY clean_after LIMIT $1 FOR UPDATE SKIP LOCKED
         ), postponed AS (
           UPDATE orphaned_objects SET clean_after = now() + $2 * interval '1 ms'
           FROM due WHERE orphaned_objects.prefix = due.prefix
         )
         SELECT prefix FROM due WHERE NOT EXISTS (
           SELECT 1 FROM jobs WHERE id = job_id AND jobs.attempt = due.attempt AND status = 'running'
         )`,
        [limit, settings.orphanGraceMs],
      )
      return rows.map(({ prefix }) => prefix)
    },

    async forgetOrphanedPrefixes(prefixes) {
      await query('DELETE FROM orphaned_objects WHERE prefix = ANY($1)', [prefixes])
    },

    async expireOutputs(limit) {
      const expired = await query(
        `WITH expired AS (
           SELECT id FROM tasks
           WHERE finished_at < now() - $2 * interval '1 day' AND outputs <> '[]'
           ORDER BY finished_at LIMIT $1 FOR UPDATE SKIP LOCKED
         ), emptied AS (
           UPDATE tasks SET outputs = '[]', updated_at = now() FROM expired WHERE tasks.id = expired.id
         ), orphaned AS (
           INSERT INTO orphaned_objects (prefix, clean_after) SELECT 'tasks/' || id || '/', now() FROM expired
           ON CONFLICT DO NOTHING
         )
         SELECT id FROM expired`,
        [limit, settings.outputDays],
      )
      return expired.length
    },

    async expireIdempotencyKeys(limit) {
      const rows = await query(
        `DELETE FROM idempotency_keys WHERE (user_id, key) IN (
           SELECT user_id, key FROM idempotency_keys WHERE created_at < now() - ${IDEMPOTENCY_KEY_RETENTION}
           ORDER BY created_at LIMIT $1 FOR UPDATE SKIP LOCKED
         ) RETURNING key`,
        [limit],
      )
      return rows.length
    },

    async expireSourceHeaders(limit) {
      const rows = await query(
        // The first condition is implied by the second, and can use the index.
        `DELETE FROM source_headers WHERE task_id IN (
           SELECT task_id FROM source_headers AS stored JOIN tasks ON tasks.id = task_id
           WHERE stored.created_at < now() - ${SOURCE_HEADERS_RETENTION}
             AND finished_at < now() - ${SOURCE_HEADERS_RETENTION}
           ORDER BY stored.created_at LIMIT $1 FOR UPDATE OF stored SKIP LOCKED
         ) RETURNING task_id`,
        [limit],
      )
      return rows.length
    },

    async recordDeadLetter(jobId) {
      const [job] = await query<{ active: boolean }>(
        `WITH job AS (
           SELECT id, task_id, status IN ('queued', 'running') AS active FROM jobs WHERE id = $1
         ), dead_letter AS (
           INSERT INTO dead_letters (job_id, task_id, reason) SELECT id, task_id, 'queue gave up' FROM job WHERE active
           ON CONFLICT (job_id) DO UPDATE SET times = dead_letters.times + 1
         ), postponed AS (
           UPDATE jobs SET publish_at = greatest(run_after, now() + $2 * interval '1 ms')
           WHERE id = $1 AND status = 'queued'
         )
         SELECT active FROM job`,
        [jobId, settings.republishAfterMs],
      )
      if (!job) return 'unknown'
      return job.active ? 'waiting' : 'finished'
    },
  }
}

const WORKER_LOST = 'task.worker_lost' satisfies ErrorCode

const ATTEMPTS_USED_UP = {
  code: 'task.attempts_used_up' satisfies ErrorCode,
  message: `${CATALOGUE['task.attempts_used_up'].title}: the last worker stopped sending heartbeats.`,
}
