import { isDryRun } from '#shared/contract/dry-run.ts'
import { operations } from '#shared/contract/operations.ts'
import { CutroomError } from '#shared/errors.ts'
import { logOf } from '#shared/http/request-context.ts'
import { decodeCursor, encodeCursor } from '#shared/tasks/cursor.ts'
import type { StoredOutput } from '#shared/tasks/rows.ts'
import type { WebDeps } from '../deps.ts'
import { createBatchClient } from '../dry-run/batch-client.ts'
import { dryRunTask } from '../dry-run/dry-run.ts'
import { onePerUser } from '../dry-run/one-per-user.ts'
import type { Mount } from '../http/operation-router.ts'
import { createTask, publishOrDefer } from './create-task.ts'
import { streamEvents } from './events.ts'
import { sendOutput } from './outputs.ts'
import { toTaskResponse } from './task-response.ts'

export function mountTasks(mount: Mount, deps: WebDeps): void {
  const { tasks, storage, config, changes } = deps
  const askBatch = onePerUser(createBatchClient(config))

  mount(operations.createTask, async ({ user, body, query, headers, req, res }) => {
    if (isDryRun(query)) return { status: 200, body: await dryRunTask(user.id, body, askBatch, deps) }
    const task = await createTask(
      { userId: user.id, body, key: headers['idempotency-key'], req },
      deps,
      logOf(res),
    )
    return { status: 202, body: task, headers: { Location: `/tasks/${task.id}` } }
  })

  mount(operations.listTasks, async ({ user, query: { max, order, status, page } }) => {
    const after = page === undefined ? undefined : decodeCursor(page)
    const { rows, next } = await tasks.list(user.id, { max, order, status, after })
    const body = {
      tasks: rows.map((row) => toTaskResponse(row, config.publicUrl)),
      next_page: next ? encodeCursor(next) : null,
    }
    return { status: 200, body }
  })

  mount(operations.getTask, async ({ user, params }) => {
    return { status: 200, body: toTaskResponse(await mustFind(user.id, params.id), config.publicUrl) }
  })

  mount(operations.deleteTask, async ({ user, params, res }) => {
    const aborted = await tasks.abort(user.id, params.id)
    if (aborted) return { status: 200, body: toTaskResponse(aborted, config.publicUrl) }
    const outputs = await tasks.remove(user.id, params.id)
    if (!outputs) throw notFound()
    await removeFiles(outputs).catch((error) =>
      // The row is gone and the sweep removes what no row names.
      logOf(res).warn('files of a removed task were left to the sweep', { taskId: params.id, error }),
    )
    return { status: 204 }
  })

  mount(operations.retryTask, async ({ user, params, res }) => {
    const again = await tasks.retry(user.id, params.id)
    if (!again) {
      const { status } = await mustFind(user.id, params.id)
      throw new CutroomError(
        'task.not_failed',
        `Task ${params.id} is ${status}; only a failed task is tried again.`,
      )
    }
    await publishOrDefer(again.jobId, deps, logOf(res))
    return { status: 202, body: toTaskResponse(again.row, config.publicUrl) }
  })

  mount(operations.taskEvents, async ({ user, params, req, res }) => {
    await mustFind(user.id, params.id)
    const look = async () => {
      const row = await tasks.find(user.id, params.id)
      return row && toTaskResponse(row, config.publicUrl)
    }
    await streamEvents(req, res, {
      look,
      watch: (changed) => changes.watch(params.id, changed),
      stopping: deps.stopping,
    })
    return undefined
  })

  mount(operations.getOutput, async ({ user, params, req, res }) => {
    const row = await mustFind(user.id, params.id)
    const output = row.outputs.find(({ name }) => name === params.name)
    if (!output) {
      throw new CutroomError(
        'output.not_found',
        `Task ${row.id} is ${row.status} and has no output ${params.name}.`,
      )
    }
    await sendOutput(output, { req, res, storage, linkSeconds: config.uploads.linkSeconds })
    return undefined
  })

  async function mustFind(userId: string, taskId: string) {
    const row = await tasks.find(userId, taskId)
    if (!row) throw notFound()
    return row
  }

  const removeFiles = (outputs: StoredOutput[]) => Promise.all(outputs.map(({ key }) => storage.remove(key)))
}

/** One answer for a task of somebody else's, a removed one and one that never was. */
const notFound = () => new CutroomError('task.not_found', 'There is no such task.')
