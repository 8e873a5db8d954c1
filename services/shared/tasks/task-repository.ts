import type { Database } from '../database/database.ts'
import { findReply, type IdempotencyKey, isKnownKey, withIdempotencyKey } from '../database/idempotency.ts'
import { TASK_CHANGES_CHANNEL } from '../database/task-change-listener.ts'
import type { CutroomError } from '../errors.ts'
import { insertTask, type NewTask, type TaskSettings } from './create/insert-task.ts'
import { type BatchMode, type Inserted, insertTasks } from './create/insert-tasks.ts'
import { releaseObjectsOf } from './graph/kept-objects.ts'
import { lockTask } from './graph/lock-task.ts'
import { requeueTask } from './graph/requeue-task.ts'
import { JOBS_COLUMN } from './graph/task-progress.ts'
import { listTasks, type PageQuery, type TaskPage } from './list-tasks.ts'
import { NOTIFY_COLUMN } from './notifications.ts'
import { enforceMailQuota, enforceTaskQuota } from './quotas.ts'
import { type StoredOutput, TASK_COLUMNS, type TaskDetailsRow, type TaskRow } from './rows.ts'

/** What users do with their tasks. Every statement names the owner, so another user's task is as good as none. */
export type TaskRepository = {
  /**
   * Creates a task and its job; for a key that was used before, returns the first reply again and no job.
   * `toReply` builds the reply that is stored with the key.
   *
   * @throws CutroomError `idempotency.mismatch`, `source.headers_disabled`, or `request.rate_limited` when a quota is
   * reached.
   */
  create<Reply>(
    task: NewTask,
    toReply: (row: TaskRow) => Reply,
    key?: IdempotencyKey,
  ): Promise<{ reply: Reply; jobId: string | undefined }>
  /**
   * Creates many tasks in one transaction, each with its quotas; for a key that was used before, returns the first reply again and no
   * jobs. See insertTasks for what errors among the tasks mean.
   *
   * @throws CutroomError `idempotency.mismatch`, and in mode `all` what `create` throws.
   */
  createBatch<Reply>(
    tasks: (NewTask | CutroomError)[],
    mode: BatchMode,
    toReply: (inserted: Inserted[]) => Reply,
    key?: IdempotencyKey,
  ): Promise<{ reply: Reply; jobIds: string[] }>
  /**
   * The reply that was stored for a key; undefined when it is new, or its first request is still being worked on.
   * @throws CutroomError `idempotency.mismatch`
   */
  earlierReply<Reply>(key: IdempotencyKey): Promise<Reply | undefined>
  /**
   * Checks the quota of unfinished tasks beforehand, as `create` does, unless the user has sent the key before: a repeated request
   * adds no task.
   * @throws CutroomError `request.rate_limited`
   */
  requireQuota(userId: string, key: string | undefined): Promise<void>
  find(userId: string, taskId: string): Promise<TaskDetailsRow | undefined>
  /** The outputs of any user's task, for callers who have shown a signed link. Undefined when there is no such task. */
  outputsOf(taskId: string): Promise<StoredOutput[] | undefined>
  /** One page, and where the next one starts. Costs the same however many tasks there are. */
  list(userId: string, query: PageQuery): Promise<TaskPage>
  /** Aborts an active task at once; its workers are fenced out. Undefined when there is no such active task. */
  abort(userId: string, taskId: string): Promise<TaskRow | undefined>
  /**
   * Queues a failed task again, with all its attempts, and returns the job to publish first. Jobs of an expanded task
   * that have succeeded are kept when their objects still exist. Undefined when there is no such failed task.
   *
   * @throws CutroomError `request.rate_limited` when a quota is reached.
   */
  retry(userId: string, taskId: string): Promise<{ row: TaskRow; jobId: string } | undefined>
  /** Removes a finished task and returns its outputs, whose objects are recorded as orphaned. Undefined when there is none. */
  remove(userId: string, taskId: string): Promise<StoredOutput[] | undefined>
}

export function taskRepository(database: Database, settings: TaskSettings): TaskRepository {
  const { republishAfterMs, quotas } = settings
  return {
    create: (task, toReply, key) =>
      database.transaction(async (query) => {
        let jobId: string | undefined
        const reply = await withIdempotencyKey(query, key, async () => {
          const inserted = await insertTask(query, task, settings)
          jobId = inserted.jobId
          return toReply(inserted.row)
        })
        return { reply, jobId }
      }),

    createBatch: (tasks, mode, toReply, key) =>
      database.transaction(async (query) => {
        let jobIds: string[] = []
        const reply = await withIdempotencyKey(query, key, async () => {
          const created = await insertTasks(query, tasks, mode, settings)
          jobIds = created.jobIds
          return toReply(created.inserted)
        })
        return { reply, jobIds }
      }),

    earlierReply: (key) => findReply(database.query, key),

    requireQuota: (userId, key) =>
      database.transaction(async (query) => {
        if (key !== undefined && (await isKnownKey(query, userId, key))) return
        await enforceTaskQuota(query, userId, quotas)
      }),

    async find(userId, taskId) {
      const [row] = await database.query<TaskDetailsRow>(
        `SELECT ${TASK_COLUMNS}, ${NOTIFY_COLUMN}, ${JOBS_COLUMN} FROM tasks WHERE id = $1 AND user_id = $2`,
        [taskId, userId],
        'task-find',
      )
      return row
    },

    async outputsOf(taskId) {
      const [row] = await database.query<{ outputs: StoredOutput[] }>(
        'SELECT outputs FROM tasks WHERE id = $1',
        [taskId],
        'task-outputs',
      )
      return row?.outputs
    },

    list: (userId, page) => listTasks(database, userId, page),

    abort: (userId, taskId) =>
      database.transaction(async (query) => {
        await lockTask(query, taskId)
        const [row] = await query<TaskRow>(
          // DISTINCT reads all rows, so that all jobs are locked before the task's row; see lockTask.
          `WITH aborted AS (
             UPDATE jobs SET status = 'aborted', lease_until = NULL, publish_at = NULL
             FROM tasks WHERE tasks.id = task_id AND tasks.id = $1 AND tasks.user_id = $2
               AND jobs.status IN ('queued', 'running')
             RETURNING task_id
           ), released AS (${releaseObjectsOf('aborted')}), ended AS (
             SELECT task_id, pg_notify('${TASK_CHANGES_CHANNEL}', task_id::text) FROM (SELECT DISTINCT task_id FROM aborted) task
           )
           UPDATE tasks SET status = 'aborted', finished_at = now(), updated_at = now()
           FROM ended WHERE id = ended.task_id RETURNING ${TASK_COLUMNS}, ${NOTIFY_COLUMN}`,
          [taskId, userId],
        )
        return row
      }),

    retry: (userId, taskId) =>
      database.transaction(async (query) => {
        const [owned] = await query<Pick<TaskRow, 'status' | 'notify'>>(
          `SELECT status, ${NOTIFY_COLUMN} FROM tasks WHERE id = $1 AND user_id = $2`,
          [taskId, userId],
        )
        if (owned?.status !== 'failed') return undefined
        await enforceTaskQuota(query, userId, quotas)
        if (!(await requeueTask(query, taskId))) return undefined
        // The caller publishes one job; the next sweep publishes the others.
        const [row] = await query<TaskRow & { job_id: string }>(
          `WITH published AS (
             UPDATE jobs SET publish_at = now() + $2 * interval '1 ms' WHERE id = (
               SELECT id FROM jobs WHERE task_id = $1 AND status = 'queued' AND waits_for = 0
               ORDER BY created_at, id LIMIT 1
             ) RETURNING id
           )
           SELECT ${TASK_COLUMNS}, published.id AS job_id, ${NOTIFY_COLUMN} FROM tasks, published WHERE tasks.id = $1`,
          [taskId, republishAfterMs],
        )
        if (!row) throw new Error(`Task ${taskId} was queued again, but none of its jobs can be claimed`)
        if (owned.notify.some(({ channel }) => channel === 'email')) {
          await enforceMailQuota(query, userId, quotas)
        }
        return { row, jobId: row.job_id }
      }),

    remove: (userId, taskId) =>
      database.transaction(async (query) => {
        await lockTask(query, taskId)
        // Recorded as orphaned in the same statement: a process that removes the objects may die halfway.
        const [row] = await query<{ outputs: StoredOutput[] }>(
          `WITH removed AS (
           DELETE FROM tasks WHERE id = $1 AND user_id = $2 AND status NOT IN ('queued', 'running')
           RETURNING id AS task_id, outputs
         ), orphaned AS (
           INSERT INTO orphaned_objects (prefix, clean_after) SELECT 'tasks/' || task_id || '/', now() FROM removed
           ON CONFLICT DO NOTHING
         ), released AS (${releaseObjectsOf('removed')})
         SELECT outputs FROM removed`,
          [taskId, userId],
        )
        return row?.outputs
      }),
  }
}
