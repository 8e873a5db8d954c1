import type { Request } from 'express'
import { uploadIdsOf } from '#shared/contract/recipe/upload-ids.ts'
import { hideHeaders } from '#shared/contract/recipe.ts'
import { type Destination, hideSecrets } from '#shared/contract/tasks/destination.ts'
import type { CreateTask, Task } from '#shared/contract/tasks.ts'
import { hashRequest } from '#shared/database/idempotency.ts'
import type { Logger } from '#shared/observability/logger.ts'
import type { Queue } from '#shared/queue/port.ts'
import type { NewTask } from '#shared/tasks/create/insert-task.ts'
import type { TaskRepository } from '#shared/tasks/task-repository.ts'
import { receiveForm } from '../uploads/receive-form.ts'
import type { StoreFileDeps } from '../uploads/store-file.ts'
import { type CheckTaskDeps, checkTask } from './check-task.ts'
import { checkTaskFields, parseTaskFields } from './task-fields.ts'
import { toTaskResponse } from './task-response.ts'

export type CreateTaskCall = {
  userId: string
  /** Undefined for a multipart form. */
  body: CreateTask | undefined
  idempotencyKey: string | undefined
  req: Request
}

export type CreateTaskDeps = CheckTaskDeps &
  StoreFileDeps & { tasks: TaskRepository; queue: Queue; log: Logger }

/**
 * Creates a task: checks everything that can be known now, writes task and job, and announces the job. A repeated
 * idempotency key gets the first reply, and nothing new is created.
 * @throws CutroomError the errors of receiveForm, checkTask and the task repository.
 */
export async function createTask(call: CreateTaskCall, deps: CreateTaskDeps): Promise<Task> {
  if (call.body) return acceptTask(call, call.body, hashRequest(withoutSecrets(call.body)), deps)

  await deps.tasks.requireQuota(call.userId, call.idempotencyKey)
  const { file, fields } = await receiveForm(call.req, call.userId, checkTaskFields, deps)
  try {
    const options = parseTaskFields(fields)
    const requestHash = hashRequest(withoutSecrets(options), file.filename, file.crc32c)
    const task = await acceptTask(call, { upload_id: file.uploadId, ...options }, requestHash, deps)
    // A repeated request gets the first task, whose source is the file of the first request.
    if (!uploadIdsOf(task.recipe).includes(file.uploadId)) await file.discard()
    return task
  } catch (error) {
    await file.discard()
    throw error
  }
}

/**
 * What the idempotency key of a request stands for. Values of headers and credentials do not count: a hash would allow to guess a
 * short password, and with a renewed token or signature it is still the same request.
 */
export const withoutSecrets = ({ destination, ...request }: CreateTask) => ({
  ...request,
  ...(destination && { destination: withoutSignatures(destination) }),
  ...(request.sources && { sources: request.sources.map(hideHeaders) }),
  ...(request.recipe?.sources && {
    recipe: { ...request.recipe, sources: request.recipe.sources.map(hideHeaders) },
  }),
})

/** A presigned URL is secret in its query. What comes before says where the outputs go. */
const withoutSignatures = (destination: Destination) => ({
  ...hideSecrets(destination),
  ...(destination.urls && {
    urls: Object.fromEntries(
      Object.entries(destination.urls).map(([name, url]) => [name, url.replace(/[?#].*$/s, '')]),
    ),
  }),
})

async function acceptTask(
  { userId, idempotencyKey: key }: CreateTaskCall,
  request: CreateTask,
  requestHash: string,
  deps: CreateTaskDeps,
): Promise<Task> {
  const { config, tasks, log } = deps
  const idempotency = key === undefined ? undefined : { userId, key, requestHash }
  // Before the checks: what the first request needed, an upload for example, may be gone by now.
  const earlier = idempotency && (await tasks.earlierReply<Task>(idempotency))
  if (earlier) return earlier
  const task = await checkNewTask(userId, request, deps)
  const { reply, jobId } = await tasks.create(
    task,
    (row) => toTaskResponse(row, config.publicUrl),
    idempotency,
  )
  if (jobId) {
    log.info('task accepted', { taskId: reply.id, jobId, preset: task.preset })
    await publishOrDefer(jobId, deps)
  }
  return reply
}

/**
 * What is to be stored of a request.
 * @throws CutroomError the errors of checkTask.
 */
export async function checkNewTask(
  userId: string,
  request: CreateTask,
  deps: CheckTaskDeps,
): Promise<NewTask> {
  const { preset, recipe } = await checkTask(userId, request, deps)
  const { notify, metadata, priority, destination } = request
  return { userId, preset, recipe, notify, metadata, priority, destination }
}

/** Announces a job. If the queue is down, the sweep republishes the job later. */
export async function publishOrDefer(
  jobId: string,
  { queue, log }: Pick<CreateTaskDeps, 'queue' | 'log'>,
): Promise<void> {
  await queue
    .publish(jobId)
    .catch((error) => log.warn('job not published; the sweep will republish it', { jobId, error }))
}
