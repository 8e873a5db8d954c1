import type { BulkResult, BulkTasks } from '#shared/contract/tasks/bulk.ts'
import type { ErrorCode } from '#shared/errors.ts'
import type { TaskRepository } from '#shared/tasks/task-repository.ts'

export type BulkDeps = {
  tasks: Pick<TaskRepository, 'abort' | 'remove' | 'find'>
  /** Records that a task was deleted. */
  onDeleted(taskId: string): Promise<void>
}

/**
 * Aborts or deletes tasks one after another, each in a transaction of its own, and returns a result for each id. Files of deleted
 * tasks are left to the sweep, which removes them within minutes.
 */
export async function changeTasks(
  userId: string,
  { action, ids }: BulkTasks,
  deps: BulkDeps,
): Promise<BulkResult[]> {
  const change = action === 'abort' ? abortTask : deleteTask
  const results = new Map<string, BulkResult>()
  for (const id of new Set(ids)) results.set(id, await change(userId, id, deps))
  return ids.flatMap((id) => results.get(id) ?? [])
}

async function abortTask(userId: string, id: string, { tasks }: BulkDeps): Promise<BulkResult> {
  if (await tasks.abort(userId, id)) return { id, outcome: 'aborted', error: null }
  const task = await tasks.find(userId, id)
  if (!task) return notFound(id)
  return failed(
    id,
    'task.finished',
    `The status of task ${id} is \`${task.status}\`; only an active task can be aborted.`,
  )
}

async function deleteTask(userId: string, id: string, { tasks, onDeleted }: BulkDeps): Promise<BulkResult> {
  await tasks.abort(userId, id)
  if (!(await tasks.remove(userId, id))) return notFound(id)
  await onDeleted(id)
  return { id, outcome: 'deleted', error: null }
}

const notFound = (id: string) => failed(id, 'task.not_found', `There is no task ${id}.`)

const failed = (id: string, code: ErrorCode, message: string): BulkResult => ({
  id,
  outcome: 'failed',
  error: { code, message },
})
