import type { Request } from 'express'
import { uploadIdsOf } from '#shared/contract/recipe-uploads.ts'
import { type CreateTask, CreateTaskForm, type Task } from '#shared/contract/tasks.ts'
import { hashRequest } from '#shared/database/idempotency.ts'
import { CutroomError } from '#shared/errors.ts'
import type { Logger } from '#shared/observability/logger.ts'
import type { WebDeps } from '../deps.ts'
import { fieldErrorsOf } from '../http/operation-router.ts'
import { type ReceivedFile, receiveForm } from '../uploads/receive-form.ts'
import { checkTask } from './check-task.ts'
import { toTaskResponse } from './task-response.ts'

export type CreateCall = {
  userId: string
  /** Undefined for a multipart form. */
  body: CreateTask | undefined
  key: string | undefined
  req: Request
}

/** Accepts a task: checks everything that can be known now, writes it down, and rings batch. */
export async function createTask(call: CreateCall, deps: WebDeps, log: Logger): Promise<Task> {
  if (call.body) return accept(call, call.body, hashRequest(call.body), deps, log)

  const { file, fields } = await receiveForm(call.req, call.userId, deps)
  try {
    const request = requestOfForm(file, fields)
    const task = await accept(call, request, hashRequest(fields, file?.filename, file?.crc32c), deps, log)
    // A repeat got the first reply, and no task is made of what it brought.
    if (file && !uploadIdsOf(task.recipe).includes(file.uploadId)) {
      const warn = (error: unknown) => log.warn('file of a repeat was left to the sweep', { error })
      await file.discard().catch(warn)
    }
    return task
  } catch (error) {
    await file?.discard()
    throw error
  }
}

async function accept(
  call: CreateCall,
  request: CreateTask,
  requestHash: string,
  deps: WebDeps,
  log: Logger,
) {
  const { config, tasks } = deps
  const { preset, recipe } = await checkTask(call.userId, request, deps)
  const { reply, jobId } = await tasks.create(
    { userId: call.userId, preset, recipe, notify: request.notify },
    (row) => toTaskResponse(row, config.publicUrl),
    call.key === undefined ? undefined : { userId: call.userId, key: call.key, requestHash },
  )
  if (jobId) {
    log.info('task accepted', { taskId: reply.id, jobId, preset })
    await publishOrDefer(jobId, deps, log)
  }
  return reply
}

/** Announces a job. Whether anybody hears it or not, the job is written down and the sweep announces it again. */
export async function publishOrDefer(
  jobId: string,
  { queue }: Pick<WebDeps, 'queue'>,
  log: Logger,
): Promise<void> {
  await queue.publish(jobId).catch((error) => log.warn('ring left to the sweep', { jobId, error }))
}

function requestOfForm(file: ReceivedFile | undefined, fields: Record<string, unknown>): CreateTask {
  const { data, error } = CreateTaskForm.omit({ file: true }).strict().safeParse(readNotify(fields))
  const faults = error ? fieldErrorsOf(error) : []
  if (!file) faults.push({ path: 'file', message: 'is missing' })
  if (!file || !data || faults.length > 0) {
    throw new CutroomError('request.invalid', 'The form was refused; see errors.', { fields: faults })
  }
  const { preset, notify } = data
  return { upload_id: file.uploadId, ...(preset && { preset }), ...(notify && { notify }) }
}

/** A field of a form is text. What is no JSON stays that, and is refused by its name. */
function readNotify(fields: Record<string, unknown>): Record<string, unknown> {
  try {
    return 'notify' in fields ? { ...fields, notify: JSON.parse(String(fields.notify)) } : fields
  } catch {
    return fields
  }
}
