import type { Request, Response } from 'express'
import type { TaskDetails } from '#shared/contract/tasks.ts'
import { isActive } from '#shared/tasks/status.ts'
import { type ChangeSource, streamChanges } from '../events/stream-changes.ts'

export type TaskSource = Pick<ChangeSource, 'isAuthorized' | 'subscribe' | 'stopping'> & {
  /** The current task, or undefined when it has been removed. */
  fetch(): Promise<TaskDetails | undefined>
}

/** How often the task is fetched without a notification, since notifications can be missed. */
const POLL_MS = 2_000

/**
 * Sends the task as a server-sent event, at once and after every change, until it is finished or removed, the client
 * disconnects, the service stops, or the caller is no longer authorized, which is noticed with the next poll.
 */
export function streamEvents(req: Request, res: Response, { fetch, ...source }: TaskSource): Promise<void> {
  let sent = ''
  return streamChanges(req, res, {
    ...source,
    pollMs: POLL_MS,
    async read() {
      const task = await fetch()
      // An estimate changes all the time, and is no news by itself.
      const current = JSON.stringify(task && { ...task, seconds_left: undefined })
      const isNews = current !== sent
      sent = current
      return {
        send: (push) => void (task && isNews && push(task, 'task')),
        next: task && isActive(task.status) ? 'wait' : 'end',
      }
    },
  })
}
