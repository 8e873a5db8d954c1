import { EventList, EventsHeaders, EventsQuery } from '../events/events.ts'
import type { Operation } from '../operation.ts'

export const eventOperations = {
  listEvents: {
    id: 'listEvents',
    method: 'get',
    path: '/events',
    summary: 'List or stream events',
    description:
      'What happened to your tasks and uploads, in order, with sequence numbers. Progress of a task is logged every 10 seconds at ' +
      'most. Events are kept for 30 days (`EVENT_DAYS`); of each user, the latest 100,000 at most.\n\n' +
      'With `Accept: application/json`, the reply is a page: pass `next` as `after` to get what follows.\n\n' +
      'With `Accept: text/event-stream`, the reply is a stream of server-sent events. The first one is `open`, with the sequence number ' +
      'after which the stream begins and that of the `oldest` event that is kept. Each further one has the type of the event as its name, the sequence number as its id, and the event as ' +
      'JSON. Reconnect with the last id as `Last-Event-ID` to continue without a gap. The stream ends when the token or API key has ' +
      'expired or was revoked.\n\n' +
      'To keep a list of tasks current: open the stream, read `GET /tasks` when `open` has arrived, then apply the events.',
    tag: 'events',
    access: 'user',
    scope: 'tasks:read',
    query: EventsQuery,
    headers: EventsHeaders,
    replies: {
      200: {
        description: 'A page of events, or a stream of them',
        body: EventList,
        stream: 'text/event-stream',
      },
    },
  },
} as const satisfies Record<string, Operation>
