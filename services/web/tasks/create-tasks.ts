import type { CreatedTask, CreatedTasks, CreateTasks } from '#shared/contract/tasks/batch.ts'
import type { CreateTask } from '#shared/contract/tasks.ts'
import { hashRequest } from '#shared/database/idempotency.ts'
import { CutroomError } from '#shared/errors.ts'
import type { NewTask } from '#shared/tasks/create/insert-task.ts'
import { type Inserted, ofTask } from '#shared/tasks/create/insert-tasks.ts'
import { type CreateTaskDeps, checkNewTask, publishOrDefer, withoutSecrets } from './create-task.ts'
import { toTaskResponse } from './task-response.ts'

export type CreateTasksCall = { userId: string; body: CreateTasks; idempotencyKey: string | undefined }

/**
 * Creates many tasks in one transaction, as createTask creates one, and announces their jobs. A repeated idempotency key gets the
 * first reply, and nothing new is created.
 * @throws CutroomError in mode `all`, what checkTask and the task repository throw, with the number of the task; `idempotency.mismatch`.
 */
export async function createTasks(
  { userId, body, idempotencyKey: key }: CreateTasksCall,
  deps: CreateTaskDeps,
): Promise<CreatedTasks> {
  const { tasks, config, log } = deps
  const requestHash = hashRequest({ ...body, tasks: body.tasks.map(withoutSecrets) })
  const idempotency = key === undefined ? undefined : { userId, key, requestHash }
  // Before the checks, as createTask does.
  const earlier = idempotency && (await tasks.earlierReply<CreatedTasks>(idempotency))
  if (earlier) return earlier
  const checked = await checkTasks(userId, body, deps)
  const { reply, jobIds } = await tasks.createBatch(
    checked,
    body.mode,
    (inserted) => ({ results: inserted.map((one) => toResult(one, config.publicUrl)) }),
    idempotency,
  )
  if (jobIds.length > 0) log.info('tasks accepted', { count: jobIds.length })
  await Promise.all(jobIds.map((jobId) => publishOrDefer(jobId, deps)))
  return reply
}

/** What is to be stored of each task, or why it cannot be created. */
async function checkTasks(
  userId: string,
  { tasks, mode }: CreateTasks,
  deps: CreateTaskDeps,
): Promise<(NewTask | CutroomError)[]> {
  const checked: (NewTask | CutroomError)[] = []
  // One after the other: a batch must not take all database connections.
  for (const [index, task] of tasks.entries()) {
    const one = await checkOne(userId, task, deps)
    if (one instanceof CutroomError && mode === 'all') throw ofTask(one, index)
    checked.push(one)
  }
  return checked
}

async function checkOne(userId: string, request: CreateTask, deps: CreateTaskDeps) {
  try {
    return await checkNewTask(userId, request, deps)
  } catch (error) {
    if (error instanceof CutroomError && error.status < 500) return error
    throw error
  }
}

const toResult = (inserted: Inserted, publicUrl: string): CreatedTask =>
  inserted instanceof CutroomError
    ? { task: null, error: { code: inserted.code, message: inserted.message } }
    : { task: toTaskResponse(inserted, publicUrl), error: null }
