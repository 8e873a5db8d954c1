import type { Request, Response } from 'express'
import type { Event } from '#shared/contract/events/events.ts'
import type { EventBounds, EventFilter, EventRepository } from '#shared/events/event-repository.ts'
import { toEvent } from './event-response.ts'
import { type ChangeSource, streamChanges } from './stream-changes.ts'

export type EventsSource = Pick<ChangeSource, 'isAuthorized' | 'subscribe' | 'stopping'> & {
  events: EventRepository
  userId: string
  filter: EventFilter
  /** The number after which to begin; undefined for now. */
  after: number | undefined
  publicUrl: string
}

/** How often events are read without a notification, since notifications can be missed. */
const POLL_MS = 10_000
/** Events read at once: about 100 kB. */
const PAGE = 100

/** Sends the user's events after a number, and then each one as it happens, after an `open` with the number and the oldest one. */
export async function streamEvents(req: Request, res: Response, source: EventsSource): Promise<void> {
  const { events, userId, filter, publicUrl } = source
  const bounds = await events.bounds(userId)
  let after = Math.min(source.after ?? bounds.latest, bounds.latest)
  let opening: (EventBounds & { after: number }) | undefined = { ...bounds, after }
  return streamChanges(req, res, {
    ...source,
    pollMs: POLL_MS,
    async read() {
      const page = await events.page(userId, { ...filter, after, max: PAGE })
      const opened = opening
      opening = undefined
      after = page.next
      return {
        send(push) {
          if (opened) push({ sequence: opened.after, oldest: opened.oldest }, 'open', String(opened.after))
          for (const event of page.events.map((row): Event => toEvent(row, publicUrl))) {
            push(event, event.type, String(event.sequence))
          }
        },
        next: page.more ? 'again' : 'wait',
      }
    },
  })
}
