import { createSession } from 'better-sse'
import type { Request, Response } from 'express'
import type { TaskDetails } from '#shared/contract/tasks.ts'
import { isActive } from '#shared/tasks/status.ts'

export type TaskSource = {
  /** Whether the caller still is who the stream was opened for: a token can expire or be revoked meanwhile. */
  isAuthorized(): Promise<boolean>
  /** The current task, or undefined when it has been removed. */
  fetch(): Promise<TaskDetails | undefined>
  /** Calls `onChange` when the task may have changed, until the returned function is called. Calls can be missed. */
  subscribe(onChange: () => void): () => void
  /** Ends the stream. */
  stopping: AbortSignal
}

/** How often the task is fetched without a notification, since notifications can be missed. */
const POLL_MS = 2_000

/**
 * Sends the task as a server-sent event, at once and after every change, until it is finished or removed, the client
 * disconnects, the service stops, or the caller is no longer authorized, which is noticed with the next poll.
 */
export async function streamEvents(req: Request, res: Response, source: TaskSource): Promise<void> {
  const session = await createSession(req, res)
  const closed = new AbortController()
  res.once('close', () => closed.abort())
  // Its event has passed when the client disconnected while the task was fetched.
  if (res.closed) closed.abort()
  const end = AbortSignal.any([closed.signal, source.stopping])

  let change = Promise.withResolvers<void>()
  const wake = () => change.resolve()
  end.addEventListener('abort', wake)
  const unsubscribe = source.subscribe(wake)
  const poll = setInterval(wake, POLL_MS)
  let sent = ''
  try {
    while (!end.aborted) {
      // Renewed before the fetch, whose result may lack a change that happens meanwhile.
      change = Promise.withResolvers()
      if (!(await source.isAuthorized())) break
      const task = await source.fetch()
      // The client may have gone meanwhile.
      if (!session.isConnected) break
      // An estimate changes all the time, and is no news by itself.
      const current = JSON.stringify(task && { ...task, seconds_left: undefined })
      if (task && current !== sent) session.push(task, 'task')
      sent = current
      if (!task || !isActive(task.status)) break
      await change.promise
    }
  } finally {
    clearInterval(poll)
    unsubscribe()
    res.end()
  }
}
