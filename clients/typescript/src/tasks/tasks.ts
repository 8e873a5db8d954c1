import type { CreateTask, DryRunResult, Task, TaskDetails, TaskStatus, TaskSummary } from '../api.ts'
import type { Caller, CallOptions } from '../call.ts'
import { CutroomError, TaskFailedError } from '../errors.ts'
import { changeTasks, createTask, deleteTask, getTask, listTasks, retryTask } from '../generated/routes.ts'
import { allPages, orderOf, type PageOptions } from '../pages.ts'
import type { FileInput } from '../uploads/file-source.ts'
import type { SendProgress } from '../uploads/send-file.ts'
import type { UploadFile } from '../uploads/uploads.ts'
import { followTask } from './follow.ts'
import { createOutputs, type Outputs } from './outputs.ts'

/** A task to create. `file` is uploaded first, in place of `upload_id`. */
export type NewTask = CreateTask & { file?: FileInput }

export type CreateOptions = CallOptions & { onUpload?: (progress: SendProgress) => void }
export type WaitOptions = CallOptions & {
  /** Called with the task now and after each change. */
  onProgress?: (task: TaskDetails) => void
}

/** Which tasks of a list. */
export type TaskFilter = PageOptions & {
  status?: TaskStatus | readonly TaskStatus[]
  /** Values that the metadata of the tasks have. */
  metadata?: Record<string, string>
  /** Part of the name of a source or an output. */
  search?: string
  /** What the order is by; `finished` leaves out tasks that have not finished. */
  sort?: 'created' | 'finished'
}

export type Tasks = {
  create(task: NewTask, options?: CreateOptions): Promise<Task>
  /**
   * Creates a task and waits for its result.
   * @throws TaskFailedError when it has failed or was aborted.
   */
  createAndWait(task: NewTask, options?: CreateOptions & WaitOptions): Promise<TaskDetails>
  /** What a task would render, and how long it would take. Nothing is created. */
  plan(task: CreateTask, options?: CallOptions): Promise<DryRunResult>
  get(id: string, options?: CallOptions): Promise<TaskDetails>
  /** All tasks, page after page, the newest first. They are summaries. */
  list(options?: TaskFilter): AsyncGenerator<TaskSummary>
  /** The task now and after each change, until it has finished, whatever happens to the connection. */
  events(id: string, options?: CallOptions): AsyncGenerator<TaskDetails>
  /** Resolves to the succeeded task. @throws TaskFailedError when it has failed or was aborted. */
  wait(id: string, options?: WaitOptions): Promise<TaskDetails>
  /**
   * Aborts a queued or running task; never deletes anything. Resolves to the aborted task.
   * @throws CutroomError `task.finished` when it has finished.
   */
  abort(id: string, options?: CallOptions): Promise<TaskDetails>
  /**
   * Deletes a finished task with its files; the result is undefined then. Aborts an active one. It is not repeated when the reply was lost,
   * since the second request could delete what the first one aborted.
   */
  delete(id: string, options?: CallOptions): Promise<Task | undefined>
  /** Queues a failed task again. */
  retry(id: string, options?: CallOptions): Promise<Task>
  outputs: Outputs
}

export function createTasks(caller: Caller, upload: UploadFile): Tasks {
  const { call } = caller

  async function create({ file, ...task }: NewTask, options: CreateOptions = {}): Promise<Task> {
    const body = file === undefined ? task : { ...task, upload_id: await uploadOf(file, options) }
    // The other reply is that of a dry run.
    return (await call(createTask, { body }, options)) as Task
  }

  async function uploadOf(file: FileInput, { onUpload, signal }: CreateOptions): Promise<string> {
    return (await upload(file, { signal, ...(onUpload && { onProgress: onUpload }) })).upload_id
  }

  async function wait(id: string, { onProgress, ...options }: WaitOptions = {}): Promise<TaskDetails> {
    let last: TaskDetails | undefined
    for await (const task of followTask(caller, id, options)) {
      onProgress?.(task)
      last = task
    }
    if (last?.status !== 'succeeded') throw new TaskFailedError(last as TaskDetails)
    return last
  }

  async function abort(id: string, options?: CallOptions): Promise<TaskDetails> {
    const { results } = await call(changeTasks, { body: { action: 'abort', ids: [id] } }, options)
    const error = results[0]?.error
    if (error) {
      throw new CutroomError(error.code, error.message, {
        status: error.code === 'task.not_found' ? 404 : 409,
      })
    }
    return call(getTask, { path: { id } }, options)
  }

  return {
    create,
    async createAndWait(task, options = {}) {
      const { id } = await create(task, options)
      const { signal, onProgress } = options
      return wait(id, { signal, ...(onProgress && { onProgress }) })
    },
    async plan(body, options) {
      return (await call(createTask, { query: { dry_run: '1' }, body }, options)) as DryRunResult
    },
    get: (id, options) => call(getTask, { path: { id } }, options),
    list: ({ status, metadata, search, sort, ...options } = {}) =>
      allPages(async (page) => {
        const query = {
          max: 100,
          order: orderOf(options),
          ...(status && { status: [status].flat().join(',') }),
          ...(metadata && { metadata }),
          ...(search && { search }),
          ...(sort && { sort }),
          ...(page && { page }),
        }
        const { tasks, next_page } = await call(listTasks, { query }, options)
        return { items: tasks, next: next_page }
      }),
    events: (id, options) => followTask(caller, id, options),
    wait,
    abort,
    delete: (id, options) => call(deleteTask, { path: { id } }, options),
    retry: (id, options) => call(retryTask, { path: { id } }, options),
    outputs: createOutputs(caller),
  }
}
