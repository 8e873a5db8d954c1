import { isDryRun } from '#shared/contract/dry-run.ts'
import { operations } from '#shared/contract/operations.ts'
import type { Database } from '#shared/database/database.ts'
import type { TaskChangeListener } from '#shared/database/task-change-listener.ts'
import { CutroomError } from '#shared/errors.ts'
import { logOf } from '#shared/http/request-context.ts'
import { whileConnected } from '#shared/http/while-connected.ts'
import { decodeCursor, encodeCursor } from '#shared/tasks/cursor.ts'
import type { StoredOutput, TaskRow } from '#shared/tasks/rows.ts'
import { actorOf, recordAudit } from '../auth/audit/record-audit.ts'
import { isStillAuthorized, type RequireUser } from '../auth/require-user.ts'
import { createBatchClient } from '../dry-run/batch-client.ts'
import { limitPerUser } from '../dry-run/limit-per-user.ts'
import { takeTurns } from '../dry-run/take-turns.ts'
import type { EventStreams } from '../events/event-streams.ts'
import { notFound } from '../http/not-found.ts'
import type { Route } from '../http/operation-router.ts'
import { appliedPreference } from '../http/preferences.ts'
import { changeTasks } from './bulk.ts'
import { type CreateTaskDeps, createTask, publishOrDefer } from './create-task.ts'
import { createTasks } from './create-tasks.ts'
import { dryRunTask } from './dry-run-task.ts'
import { getTask } from './get-task.ts'
import { streamEvents } from './stream-events.ts'
import { toTaskDetails, toTaskResponse, toTaskSummary } from './task-response.ts'

export type TasksDeps = CreateTaskDeps & {
  changes: TaskChangeListener
  eventStreams: EventStreams
  /** Aborted when the service begins to shut down; event streams and dry runs end then. */
  stopping: AbortSignal
  database: Database
  requireUser: RequireUser
}

export function mountTasks(route: Route, deps: TasksDeps): void {
  const { tasks, storage, config, changes, eventStreams, queue, database, stopping, requireUser } = deps
  const requestDryRun = limitPerUser(takeTurns(createBatchClient(config), config.limits.dryRunConcurrency))
  const toTask = (row: TaskRow) => toTaskResponse(row, config.publicUrl)

  route(operations.createTask, async ({ user, body, query, headers, req, res }) => {
    if (isDryRun(query)) {
      // Editors give up a dry run whenever the recipe changes.
      return whileConnected(res, async (closed) => {
        const signal = AbortSignal.any([closed, stopping])
        return { status: 200, body: await dryRunTask(user.id, body, requestDryRun, { ...deps, signal }) }
      })
    }
    const call = { userId: user.id, body, idempotencyKey: headers['idempotency-key'], req }
    const task = await createTask(call, { ...deps, log: logOf(res) })
    return {
      status: 202,
      body: task,
      headers: { Location: `/tasks/${task.id}`, ...appliedPreference(headers.prefer) },
    }
  })

  route(operations.createTasks, async ({ user, body, headers, res }) => {
    const call = { userId: user.id, body, idempotencyKey: headers['idempotency-key'] }
    const created = await createTasks(call, { ...deps, log: logOf(res) })
    return { status: 202, body: created, headers: appliedPreference(headers.prefer) }
  })

  route(operations.listTasks, async ({ user, query: { page, ...query } }) => {
    const after = page === undefined ? undefined : decodeCursor(page)
    const { rows, next } = await tasks.list(user.id, { ...query, after })
    const summaries = rows.map((row) => toTaskSummary(row, config.publicUrl))
    return { status: 200, body: { tasks: summaries, next_page: next ? encodeCursor(next) : null } }
  })

  route(operations.getTask, async ({ user, params, query, headers, req, res }) => {
    const call = { userId: user.id, taskId: params.id, wait: query.wait, req, res }
    return getTask({ ...call, ifNoneMatch: headers['if-none-match'] }, deps)
  })

  route(operations.deleteTask, async ({ user, params, req, res }) => {
    const aborted = await tasks.abort(user.id, params.id)
    if (aborted) return { status: 200, body: toTask(aborted) }
    const outputs = await tasks.remove(user.id, params.id)
    if (!outputs) throw notFound('task.not_found')
    const details = { task_id: params.id }
    await recordAudit(database.query, { ...actorOf(req, user), action: 'task.deleted', details })
    await removeFiles(outputs).catch((error) =>
      logOf(res).warn('files of a removed task not removed; the sweep will remove them', {
        taskId: params.id,
        error,
      }),
    )
    return { status: 204 }
  })

  route(operations.changeTasks, async ({ user, body, req }) => {
    const actor = actorOf(req, user)
    const results = await changeTasks(user.id, body, {
      tasks,
      onDeleted: (id) =>
        recordAudit(database.query, { ...actor, action: 'task.deleted', details: { task_id: id } }),
    })
    return { status: 200, body: { results } }
  })

  route(operations.retryTask, async ({ user, params, res }) => {
    const retried = await tasks.retry(user.id, params.id)
    if (!retried) {
      const { status } = await requireTask(user.id, params.id)
      throw new CutroomError(
        'task.not_failed',
        `The status of task ${params.id} is \`${status}\`; only a failed task can be retried.`,
      )
    }
    await publishOrDefer(retried.jobId, { queue, log: logOf(res) })
    return { status: 202, body: toTask(retried.row) }
  })

  route(operations.taskEvents, async ({ user, params, req, res }) => {
    await requireTask(user.id, params.id)
    const stream = eventStreams.open(user.id, params.id)
    try {
      await streamEvents(req, res, {
        async fetch() {
          const row = await tasks.find(user.id, params.id)
          return row && toTaskDetails(row, config.publicUrl, new Date())
        },
        isAuthorized: () => isStillAuthorized(requireUser, req),
        subscribe: (onChange) => changes.watch(params.id, onChange),
        stopping: AbortSignal.any([stopping, stream.signal]),
      })
    } finally {
      stream.close()
    }
    return undefined
  })

  async function requireTask(userId: string, taskId: string) {
    const row = await tasks.find(userId, taskId)
    if (!row) throw notFound('task.not_found')
    return row
  }

  const removeFiles = (outputs: StoredOutput[]) => Promise.all(outputs.map(({ key }) => storage.remove(key)))
}
