import type { Event, EventType } from './api.ts'
import type { Caller, CallOptions } from './call.ts'
import { CutroomError } from './errors.ts'
import { backoffMs, sleep } from './http/backoff.ts'
import { readEvents } from './http/sse.ts'

export type EventsOptions = CallOptions & {
  /** The sequence number after which to begin: 0 for the oldest event that is kept. By default, only new events come. */
  after?: number
  types?: readonly EventType[]
  taskId?: string
}

/** How often in a row the stream may break without a single event. */
const MAX_BREAKS = 10

/**
 * The events of all tasks and uploads of the account, in order and without gaps whatever happens to the connection. Does not end by
 * itself. Keep the `sequence` of the last event to continue later.
 */
export async function* followEvents(
  caller: Caller,
  { after, types, taskId, ...options }: EventsOptions = {},
): AsyncGenerator<Event> {
  const query = { types: types?.join(','), task_id: taskId }
  let last = after
  for (let breaks = 0; breaks < MAX_BREAKS; breaks++) {
    const headers = { accept: 'text/event-stream', ...options.headers }
    const response = await caller.open(
      'listEvents',
      { query: { ...query, after: last } },
      { ...options, headers },
    )
    for await (const { event, id, data } of readEvents(response, options.signal)) {
      breaks = 0
      // The first one, `open`, has the position of the stream, in case that it breaks before an event.
      if (event !== 'open') yield JSON.parse(data)
      last = Number(id ?? last)
    }
    await sleep(backoffMs(breaks + 1), options.signal)
  }
  throw new CutroomError('client.connection_failed', 'The stream of events broke several times in a row.')
}
