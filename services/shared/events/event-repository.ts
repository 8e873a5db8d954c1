import type { EventType } from '../contract/events/events.ts'
import type { Database } from '../database/database.ts'

/** An event as the database keeps it: the task or upload as it was then, outputs with their keys in storage. */
export type EventRow = { sequence: number; type: EventType; data: unknown; created_at: string }

/** Numbers of the oldest event that is kept, null when there is none, and of the latest one, 0 when there was none. */
export type EventBounds = { oldest: number | null; latest: number }

export type EventFilter = { types?: EventType[] | undefined; taskId?: string | undefined }

/**
 * `next`: continue after this number. `more`: there may be further events already, even when the page is not full: how many
 * events one page skips is bounded.
 */
export type EventPage = EventBounds & { events: EventRow[]; next: number; more: boolean }

/** Reads the log of each user's tasks and uploads. Triggers on their tables write it. */
export type EventRepository = {
  /**
   * The user's events after a number, in order. Events are committed in the order of their numbers: after an event, none with
   * a lower number appears. A number beyond the latest counts as the latest.
   */
  page(userId: string, query: EventFilter & { after: number; max: number }): Promise<EventPage>
  bounds(userId: string): Promise<EventBounds>
}

/** How many events a page looks through for those of the wanted types. */
const MAX_SCANNED = 5_000

const BOUNDS = `
  (SELECT sequence FROM events WHERE user_id = $1 ORDER BY sequence LIMIT 1) AS oldest,
  (SELECT last FROM event_counters WHERE user_id = $1) AS latest`

type BoundsRow = { oldest: string | null; latest: string | null }

export function eventRepository({ query }: Pick<Database, 'query'>): EventRepository {
  return {
    async page(userId, { after, max, types, taskId }) {
      const limit = types ? MAX_SCANNED : max + 1
      const [row] = await query<BoundsRow & { events: EventRow[]; scanned: string; reached: string | null }>(
        `WITH scanned AS (
           SELECT sequence, type FROM events
           WHERE user_id = $1 AND sequence > $2 ${taskId ? 'AND task_id = $6' : ''} ORDER BY sequence LIMIT $3
         ), found AS (
           SELECT sequence FROM scanned WHERE $4::text[] IS NULL OR type = ANY($4) ORDER BY sequence LIMIT $5
         )
         SELECT ${BOUNDS}, (SELECT count(*) FROM scanned) AS scanned, (SELECT max(sequence) FROM scanned) AS reached,
           coalesce((
             SELECT jsonb_agg(jsonb_build_object('sequence', sequence, 'type', type, 'data', data, 'created_at', created_at)
               ORDER BY sequence)
             FROM events JOIN found USING (sequence) WHERE user_id = $1
           ), '[]') AS events`,
        [userId, after, limit, types ?? null, max + 1, ...(taskId ? [taskId] : [])],
        `events-page-${taskId ? 'task' : 'any'}`,
      )
      if (!row) throw new Error('The query of events returned no row')
      const bounds = toBounds(row)
      const events = row.events.slice(0, max)
      const last = events.at(-1)
      if (last && row.events.length > max) return { ...bounds, events, next: last.sequence, more: true }
      // What is beyond the page's filter does not have to be looked through again.
      const next = row.reached === null ? Math.min(after, bounds.latest) : Number(row.reached)
      return { ...bounds, events, next, more: Number(row.scanned) === limit }
    },

    async bounds(userId) {
      const [row] = await query<BoundsRow>(`SELECT ${BOUNDS}`, [userId], 'events-bounds')
      return toBounds(row)
    },
  }
}

const toBounds = (row: BoundsRow | undefined): EventBounds => ({
  oldest: row?.oldest == null ? null : Number(row.oldest),
  latest: Number(row?.latest ?? 0),
})
