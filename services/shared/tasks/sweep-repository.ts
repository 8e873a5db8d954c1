import { type ExpiredAccess, expireAccess } from '../accounts/expire-access.ts'
import type { Database } from '../database/database.ts'
import { CATALOGUE, type ErrorCode } from '../errors.ts'
import { expireEvents } from '../events/expire-events.ts'
import { LOSSES_BEFORE_ALONE } from './fairness.ts'
import { failTask, retryJob } from './graph/end-attempt.ts'
import { repairTask } from './graph/requeue-task.ts'
import type { Claim } from './rows.ts'

/** The sweep's access to the tables. Every call handles at most `limit` rows, and concurrent sweeps handle each row once. */
export type SweepRepository = {
  /** Queues jobs whose lease has expired again; those without attempts left fail. */
  requeueExpired(limit: number): Promise<{ requeued: number; failed: number }>
  /**
   * Corrects jobs of expanded tasks that wait for a wrong number of others, and aborts those whose task has ended.
   * There should never be any. Returns how many jobs it changed.
   */
  repairTasks(limit: number): Promise<number>
  /** Jobs that are due to be published, oldest first. Each becomes due again later unless it is claimed. */
  claimDueForPublish(limit: number): Promise<string[]>
  /**
   * Whether a worker should be started for long-running jobs: some are due, and workers are at work on fewer than `maxWorkers`
   * others. Jobs that wait become due again later unless they are claimed.
   */
  claimStartForLongJobs(maxWorkers: number): Promise<boolean>
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
  /** Deletes rate limits whose whole quota is available again. */
  expireRateLimits(limit: number): Promise<number>
  /** Deletes the request headers of tasks that failed a week ago: until then, they can be retried. */
  expireSourceHeaders(limit: number): Promise<number>
  /** Deletes the destinations of tasks that failed a week ago: until then, they can be retried. */
  expireDestinations(limit: number): Promise<number>
  /** Deletes expired sessions, API keys and links to sources, and old audit events; at most `limit` rows of each. */
  expireAccess(limit: number): Promise<ExpiredAccess>
  /** Deletes events older than `eventDays`. */
  expireEvents(limit: number): Promise<number>
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
  auditDays: number
  eventDays: number
  /** Whether long-running jobs have workers that no message reaches. */
  longJobsHaveWorkers?: boolean
}

const IDEMPOTENCY_KEY_RETENTION = "interval '24 hours'"
/** Of what only the owner of a task may know: its request headers and the credentials of its destination. */
const SECRETS_RETENTION = "interval '7 days'"

/** Longer than it takes to start a worker for a long-running job. */
const WORKER_START = "interval '3 minutes'"

/** Longer than a message takes to reach a free worker. */
const LONG_WAIT = "interval '5 seconds'"

export function sweepRepository(database: Database, settings: SweepSettings): SweepRepository {
  const { query, transaction } = database
  const { longJobsHaveWorkers = false } = settings
  return {
    async requeueExpired(limit) {
      const expired = await query<LostJob>(
        `SELECT id AS "jobId", task_id AS "taskId", attempt, failures, worker_losses AS losses FROM jobs
         WHERE status = 'running' AND lease_until < now() ORDER BY lease_until LIMIT $1`,
        [limit],
      )
      const counts = { requeued: 0, failed: 0 }
      for (const job of expired) {
        // One at a time: a task whose job fails is locked, and no statement may lock several tasks.
        const ended = { ...job, expired: true }
        const error = finalError(job, settings.maxAttempts)
        if (!error) {
          if (await retryJob(database, ended, WORKER_LOST, { delayMs: 0, counts: true })) counts.requeued++
        } else if (await failTask(database, ended, WORKER_LOST, { error, usedUp: true })) {
          counts.failed++
        }
      }
      return counts
    },

    async repairTasks(limit) {
      const broken = await query<{ id: string }>(
        `SELECT task_id AS id FROM jobs WHERE status = 'queued' AND kind <> 'render'
           AND (waits_for > 0 OR run_after = 'infinity')
           AND waits_for <> (
             SELECT count(*) FROM jobs needed
             WHERE needed.task_id = jobs.task_id AND needed.unblocks = jobs.id AND needed.status <> 'succeeded')
         UNION SELECT task_id FROM jobs JOIN tasks ON tasks.id = task_id
         WHERE jobs.status IN ('queued', 'running') AND kind <> 'render' AND tasks.status NOT IN ('queued', 'running')
         LIMIT $1`,
        [limit],
      )
      let repaired = 0
      for (const { id } of broken) repaired += await transaction((run) => repairTask(run, id))
      return repaired
    },

    async claimDueForPublish(limit) {
      const rows = await query<{ id: string }>(
        `UPDATE jobs SET publish_at = now() + $2 * interval '1 ms'
         WHERE id IN (
           SELECT id FROM jobs WHERE publish_at <= now() AND status = 'queued' AND NOT (long_running AND $3)
           ORDER BY publish_at LIMIT $1 FOR UPDATE SKIP LOCKED
         ) RETURNING id`,
        [limit, settings.republishAfterMs, longJobsHaveWorkers],
      )
      return rows.map(({ id }) => id)
    },

    async claimStartForLongJobs(maxWorkers) {
      const due = await query(
        // Those that run are few, and have an index: of their leases.
        `UPDATE jobs SET publish_at = now() + ${WORKER_START}
         WHERE id IN (
           SELECT id FROM jobs WHERE publish_at <= now() AND status = 'queued' AND long_running FOR UPDATE SKIP LOCKED
         ) AND (SELECT count(*) FROM jobs WHERE lease_until IS NOT NULL AND status = 'running' AND long_running) < $1
         RETURNING id`,
        [maxWorkers],
      )
      return due.length > 0
    },

    async claimLongestWaiting() {
      const [job] = await query<{ id: string }>(
        `UPDATE jobs SET publish_at = now() + $1 * interval '1 ms'
         WHERE id = (
           SELECT id FROM jobs WHERE status = 'queued' AND run_after < now() - ${LONG_WAIT} AND NOT (long_running AND $2)
           ORDER BY publish_at LIMIT 1 FOR UPDATE SKIP LOCKED
         ) RETURNING id`,
        [settings.republishAfterMs, longJobsHaveWorkers],
        'job-waiting',
      )
      return job?.id
    },

    async claimOrphanedPrefixes(limit) {
      const rows = await query<{ prefix: string }>(
        // Without its job's id, a prefix is no longer one that a retry of the task can keep.
        `WITH due AS (
           SELECT prefix, EXISTS (
             SELECT FROM jobs WHERE id = job_id AND jobs.attempt = orphaned_objects.attempt AND status = 'running'
           ) AS in_use
           FROM orphaned_objects WHERE clean_after <= now()
           ORDER BY clean_after LIMIT $1 FOR UPDATE SKIP LOCKED
         ), postponed AS (
           UPDATE orphaned_objects SET clean_after = now() + $2 * interval '1 ms',
             job_id = CASE WHEN in_use THEN orphaned_objects.job_id END
           FROM due WHERE orphaned_objects.prefix = due.prefix
         )
         SELECT prefix FROM due WHERE NOT in_use`,
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

    async expireRateLimits(limit) {
      const rows = await query(
        `DELETE FROM rate_limits WHERE key IN (
           SELECT key FROM rate_limits WHERE until < now() ORDER BY until LIMIT $1 FOR UPDATE SKIP LOCKED
         ) AND until < now() RETURNING key`,
        [limit],
      )
      return rows.length
    },

    expireSourceHeaders: (limit) => expireSecrets('source_headers', limit),
    expireDestinations: (limit) => expireSecrets('task_destinations', limit),

    expireAccess: (limit) => expireAccess(query, settings.auditDays, limit),
    expireEvents: (limit) => expireEvents(query, settings.eventDays, limit),

    async recordDeadLetter(jobId) {
      const [job] = await query<{ active: boolean }>(
        `WITH job AS (
           SELECT id, task_id, status IN ('queued', 'running') AS active FROM jobs WHERE id = $1
         ), dead_letter AS (
           INSERT INTO dead_letters (job_id, task_id, reason) SELECT id, task_id, 'queue gave up' FROM job WHERE active
           ON CONFLICT (job_id) DO UPDATE SET times = dead_letters.times + 1
         ), postponed AS (
           UPDATE jobs SET publish_at = greatest(run_after, now() + $2 * interval '1 ms')
           WHERE id = $1 AND status = 'queued' AND waits_for = 0
         )
         SELECT active FROM job`,
        [jobId, settings.republishAfterMs],
      )
      if (!job) return 'unknown'
      return job.active ? 'waiting' : 'finished'
    },
  }

  async function expireSecrets(table: 'source_headers' | 'task_destinations', limit: number) {
    const rows = await query(
      // The first condition is implied by the second, and can use the index.
      `DELETE FROM ${table} WHERE task_id IN (
         SELECT task_id FROM ${table} AS stored JOIN tasks ON tasks.id = task_id
         WHERE stored.created_at < now() - ${SECRETS_RETENTION}
           AND finished_at < now() - ${SECRETS_RETENTION}
         ORDER BY stored.created_at LIMIT $1 FOR UPDATE OF stored SKIP LOCKED
       ) RETURNING task_id`,
      [limit],
    )
    return rows.length
  }
}

type LostJob = Pick<Claim, 'jobId' | 'taskId' | 'attempt' | 'failures'> & { losses: number }

/**
 * So many workers must have died while a job was all that they ran. Once could be chance: workers die of other causes, and a
 * job that runs for an hour meets some of them.
 */
const LOSSES_ALONE = 2

/** Why the task of a job whose worker has died fails; undefined when the job is tried again. */
function finalError({ failures, losses }: LostJob, maxAttempts: number) {
  // Whoever allows more attempts expects workers to die often.
  const mostLosses = Math.max(LOSSES_BEFORE_ALONE + LOSSES_ALONE, maxAttempts - 1)
  if (losses + 1 >= mostLosses) return CRASHES_WORKERS
  return failures + 1 < maxAttempts ? undefined : ATTEMPTS_USED_UP
}

const CRASHES_WORKERS = {
  code: 'task.crashes_workers' satisfies ErrorCode,
  message:
    `${CATALOGUE['task.crashes_workers'].title}: ${LOSSES_ALONE} workers stopped while they ran nothing but this task, most likely ` +
    'because it needs more memory than they have. Use smaller sources or ask for smaller outputs.',
}

const WORKER_LOST = {
  code: 'task.worker_lost' satisfies ErrorCode,
  message: CATALOGUE['task.worker_lost'].title,
}

const ATTEMPTS_USED_UP = {
  code: 'task.attempts_used_up' satisfies ErrorCode,
  message: `${CATALOGUE['task.attempts_used_up'].title}: the last worker stopped sending heartbeats.`,
}
