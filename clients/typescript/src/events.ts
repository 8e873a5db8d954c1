import type { Event, EventType } from './api.ts'
import type { Caller } from './call.ts'
import { listEvents } from './generated/routes.ts'
import { followStream, type StreamOptions } from './http/follow-stream.ts'

export type EventsOptions = StreamOptions & {
  /** The sequence number after which to begin: 0 for the oldest event that is kept. By default, only new events come. */
  after?: number | undefined
  types?: readonly EventType[]
  taskId?: string
}

/**
 * The events of all tasks and uploads of the account, in order and without gaps whatever happens to the connection. Does not end by
 * itself. Keep the `sequence` of the last event to continue later.
 */
export async function* followEvents(
  caller: Caller,
  { types, taskId, ...options }: EventsOptions = {},
): AsyncGenerator<Event> {
  let { after } = options
  const headers = { accept: 'text/event-stream', ...options.headers }
  const open = () => {
    const query = { types: types?.join(','), task_id: taskId, after }
    return caller.open(listEvents, { query }, { ...options, headers })
  }
  for await (const { event, id, data } of followStream(open, options, caller.fail)) {
    // The first one, `open`, has the position of the stream, in case that it breaks before an event.
    if (event !== 'open') yield JSON.parse(data)
    after = Number(id ?? after)
  }
}
