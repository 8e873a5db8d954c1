import type { Request, Response } from 'express'
import type { TaskDetails } from '#shared/contract/tasks.ts'
import type { TaskChangeListener } from '#shared/database/task-change-listener.ts'
import { closedSignal } from '#shared/http/while-connected.ts'
import type { TaskRepository } from '#shared/tasks/task-repository.ts'
import type { RequireUser } from '../auth/require-user.ts'
import type { EventStreams } from '../events/event-streams.ts'
import { entityTag, namesTag } from '../http/entity-tag.ts'
import { notFound } from '../http/not-found.ts'
import type { Reply } from '../http/operation-router.ts'
import { awaitTask } from './await-task.ts'
import { toTaskDetails } from './task-response.ts'

export type GetTaskDeps = {
  tasks: Pick<TaskRepository, 'find'>
  changes: Pick<TaskChangeListener, 'watch'>
  eventStreams: EventStreams
  config: { publicUrl: string }
  stopping: AbortSignal
  requireUser: RequireUser
}

export type GetTaskCall = {
  userId: string
  taskId: string
  /** Seconds of a long poll, if it is one. */
  wait: number | undefined
  ifNoneMatch: string | undefined
  req: Request
  res: Response
}

/**
 * Replies with a task and its entity tag, or with 304 when the client has it. A long poll waits until the task has finished or, when
 * the client names the version that it has, changed; it counts as an event stream.
 * @throws CutroomError `task.not_found`, and for a long poll `request.rate_limited`, `service.busy` and, when the token or key has
 * ended meanwhile, `auth.required`.
 */
export async function getTask(call: GetTaskCall, deps: GetTaskDeps): Promise<Reply> {
  const task = await (call.wait === undefined ? fetchTask(call, deps) : pollTask(call, call.wait, deps))
  const tag = tagOf(task)
  const headers = { ETag: tag }
  return namesTag(call.ifNoneMatch, tag) ? { status: 304, headers } : { status: 200, body: task, headers }
}

/** An estimate changes all the time, and is no news by itself. */
const tagOf = (task: TaskDetails): string => entityTag({ ...task, seconds_left: undefined })

async function fetchTask({ userId, taskId }: GetTaskCall, { tasks, config }: GetTaskDeps) {
  const row = await tasks.find(userId, taskId)
  if (!row) throw notFound('task.not_found')
  return toTaskDetails(row, config.publicUrl, new Date())
}

async function pollTask(call: GetTaskCall, wait: number, deps: GetTaskDeps): Promise<TaskDetails> {
  const { userId, taskId, ifNoneMatch, req, res } = call
  // Before anything is read: a long poll is exempt from the limit of requests in progress.
  const stream = deps.eventStreams.open(userId, taskId)
  try {
    return await awaitTask(wait, {
      async fetch() {
        await deps.requireUser(req)
        return fetchTask(call, deps)
      },
      subscribe: (onChange) => deps.changes.watch(taskId, onChange),
      isNews: (task) => ifNoneMatch !== undefined && !namesTag(ifNoneMatch, tagOf(task)),
      stopping: AbortSignal.any([deps.stopping, stream.signal, closedSignal(res)]),
    })
  } finally {
    stream.close()
  }
}
