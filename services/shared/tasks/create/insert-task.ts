import type { Notify } from '../../contract/notify.ts'
import type { Recipe } from '../../contract/recipe.ts'
import type { Destination } from '../../contract/tasks/destination.ts'
import type { Metadata } from '../../contract/tasks/metadata.ts'
import type { Query } from '../../database/database.ts'
import { beginTaskTrace } from '../../observability/tracing.ts'
import type { SealingKeys } from '../../seal.ts'
import { storeDestination, toShownColumn } from '../destinations.ts'
import { storeMetadata } from '../metadata.ts'
import { addNotifications, targetsOf, toPending } from '../notifications.ts'
import { enforceMailQuota, enforceTaskQuota, type Quotas } from '../quotas.ts'
import { NOTIFY_READY_JOBS } from '../ready-jobs.ts'
import { TASK_COLUMNS, type TaskRow } from '../rows.ts'
import { storeSourceHeaders, withoutHeaders } from '../source-headers.ts'
import { sourceNames } from '../source-names.ts'
import { ensureWebhookSecret } from '../webhook-secrets.ts'

export type NewTask = {
  userId: string
  preset: string | null
  recipe: Recipe
  notify?: Notify | undefined
  metadata?: Metadata | undefined
  priority?: number | undefined
  destination?: Destination | undefined
}

/**
 * `republishAfterMs`: how long a job may stay unclaimed before it is published again. `sealingKeys`: for the headers of
 * sources, which are stored beside the task, not in its recipe.
 */
export type TaskSettings = { republishAfterMs: number; quotas: Quotas; sealingKeys: SealingKeys }

/**
 * Writes a task, its job and all that belongs to them, in the caller's transaction.
 * @throws CutroomError `source.headers_disabled`, `destination.disabled`, or `request.rate_limited` when a quota is reached.
 */
export async function insertTask(
  query: Query,
  task: NewTask,
  { republishAfterMs, quotas, sealingKeys }: TaskSettings,
): Promise<{ row: TaskRow; jobId: string }> {
  await enforceTaskQuota(query, task.userId, quotas)
  const targets = targetsOf(task.notify)
  const [row] = await query<TaskRow & { job_id: string }>(
    `WITH task AS (
       INSERT INTO tasks (user_id, preset, recipe, notifies, metadata, source_names, priority, destination)
       VALUES ($1, $2, $3, $5, $6, $7, $8, $9)
       RETURNING ${TASK_COLUMNS}
     ), job AS (
       INSERT INTO jobs (task_id, user_id, priority, publish_at)
       SELECT id, user_id, $8, now() + $4 * interval '1 ms' FROM task RETURNING id AS job_id
     ), notified AS (
       SELECT ${NOTIFY_READY_JOBS} FROM job
     )
     SELECT task.*, job_id FROM task, job, notified`,
    [
      task.userId,
      task.preset,
      JSON.stringify(withoutHeaders(task.recipe)),
      republishAfterMs,
      targets.length > 0,
      JSON.stringify(task.metadata ?? {}),
      await sourceNames(query, task.userId, task.recipe),
      task.priority ?? 0,
      toShownColumn(task.destination),
    ],
  )
  if (!row) throw new Error('INSERT INTO tasks returned no row')
  await storeMetadata(query, row, task.metadata)
  await storeDestination(query, row.id, task.destination, sealingKeys)
  await storeSourceHeaders(query, row.id, task.recipe, sealingKeys)
  if (task.notify?.email) await enforceMailQuota(query, task.userId, quotas)
  if (task.notify?.webhook) await ensureWebhookSecret(query, task.userId)
  await addNotifications(query, row.id, targets)
  beginTaskTrace(row.id)
  return { row: { ...row, notify: targets.map(toPending) }, jobId: row.job_id }
}
