import type { Event, EventType } from '../api.ts'
import type { Client } from '../client.ts'
import { type Context, text, wholeNumber } from './command.ts'
import { UsageError } from './exit-codes.ts'
import { findStart } from './find-start.ts'
import { toInstant } from './instants.ts'

/** The options that choose events. */
export const EVENT_OPTIONS = {
  after: { type: 'string' },
  types: { type: 'string' },
  task: { type: 'string' },
} as const

export const EVENT_HELP = {
  after: 'NUMBER of the event after which to begin; 0 for the oldest that is kept',
  types: 'TYPES to show, separated by commas, such as task.succeeded,task.failed',
  task: 'ID of the only task to show',
}

/** The options of commands that read the log. */
export const PAST_OPTIONS = {
  ...EVENT_OPTIONS,
  since: { type: 'string' },
  until: { type: 'string' },
} as const

export const PAST_HELP = {
  ...EVENT_HELP,
  since: 'TIME of the first event: 2h, 7d, 2026-11-27 or 2026-11-27T09:30:00Z',
  until: 'TIME of the last event, in the same way',
}

/** Which events of the log. */
export type EventFilter = { after?: number; types?: EventType[]; taskId?: string }

/** The events that the options choose. */
export function eventFilter(context: Context): EventFilter {
  const after = wholeNumber(context, 'after', 0)
  const types = text(context, 'types')?.split(',') as EventType[] | undefined
  const taskId = text(context, 'task')
  return { ...(after !== undefined && { after }), ...(types && { types }), ...(taskId && { taskId }) }
}

/** The time that --since and --until choose. @throws UsageError */
export function timeFilter(context: Context): TimeFilter {
  const now = Date.now()
  const [since, until] = ['since', 'until'].map((name) => {
    const value = text(context, name)
    return value === undefined ? undefined : toInstant(`--${name}`, value, now)
  })
  if (since !== undefined && until !== undefined && until < since)
    throw new UsageError('--until is before --since.')
  const isWithin = ({ timestamp }: Event) => {
    const at = Date.parse(timestamp)
    return at >= (since ?? Number.NEGATIVE_INFINITY) && at <= (until ?? Number.POSITIVE_INFINITY)
  }
  return { since, isWithin }
}

/** `since`: milliseconds since 1970, if there is a limit. */
type TimeFilter = { since: number | undefined; isWithin(event: Event): boolean }

/** Events are numbered when their transaction ends and have the time of its beginning, which is longer ago by no more than this. */
const LONGEST_TRANSACTION_MS = 60_000

/** The number of an event after which all events since that time come. Without a time, the one that --after gives, if any. */
export async function startAfter(
  after: number | undefined,
  since: number | undefined,
  client: Client,
  signal: AbortSignal,
): Promise<number | undefined> {
  if (since === undefined) return after
  return findStart(after ?? 0, async (number) => {
    const page = await client.call('listEvents', { query: { after: number, max: 1 } }, { signal })
    const [event] = page.events
    const isEarly = event && Date.parse(event.timestamp) < since - LONGEST_TRANSACTION_MS
    return isEarly ? event.sequence : undefined
  })
}

/** The events of the log, page after page, the oldest first. */
export async function* pastEvents(
  client: Client,
  { after = 0, types, taskId }: EventFilter,
  signal: AbortSignal,
): AsyncGenerator<Event> {
  const filter = { ...(types && { types: types.join(',') }), ...(taskId && { task_id: taskId }) }
  for (let next = after, hasMore = true; hasMore; ) {
    const page = await client.call('listEvents', { query: { ...filter, after: next, max: 100 } }, { signal })
    yield* page.events
    next = page.next
    hasMore = page.has_more
  }
}
