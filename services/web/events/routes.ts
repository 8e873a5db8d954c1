import type { Config } from '#shared/config.ts'
import { operations } from '#shared/contract/operations.ts'
import type { EventListener } from '#shared/events/event-listener.ts'
import type { EventRepository } from '#shared/events/event-repository.ts'
import { isStillAuthorized, type RequireUser } from '../auth/require-user.ts'
import type { Route } from '../http/operation-router.ts'
import { prefersStream } from '../http/prefers-stream.ts'
import { toEvent } from './event-response.ts'
import type { EventStreams } from './event-streams.ts'
import { streamEvents } from './stream-events.ts'

export type EventsDeps = {
  config: Config
  events: EventRepository
  eventListener: EventListener
  eventStreams: EventStreams
  /** Aborted when the service begins to shut down; event streams end then. */
  stopping: AbortSignal
  requireUser: RequireUser
}

export function mountEvents(route: Route, deps: EventsDeps): void {
  const { config, events, eventListener, eventStreams, stopping, requireUser } = deps
  const { publicUrl } = config

  route(operations.listEvents, async ({ user, query, headers, req, res }) => {
    res.vary('Accept')
    const filter = { types: query.types, taskId: query.task_id }
    if (!prefersStream(req)) {
      const page = await events.page(user.id, { ...filter, after: query.after ?? 0, max: query.max })
      const { next, more, oldest } = page
      const list = page.events.map((row) => toEvent(row, publicUrl))
      return { status: 200, body: { events: list, next, has_more: more, oldest } }
    }
    const lastEventId = headers['last-event-id']
    const stream = eventStreams.open(user.id)
    try {
      await streamEvents(req, res, {
        events,
        userId: user.id,
        filter,
        after: lastEventId === undefined ? query.after : Number(lastEventId),
        publicUrl,
        isAuthorized: () => isStillAuthorized(requireUser, req),
        subscribe: (onChange) => eventListener.watch(user.id, onChange),
        stopping: AbortSignal.any([stopping, stream.signal]),
      })
    } finally {
      stream.close()
    }
    return undefined
  })
}
