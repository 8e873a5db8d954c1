import type { EventType } from '../contract/events/events.ts'
import type { Database } from '../database/database.ts'
import type { ClaimedDelivery, DeliveryRepository } from '../tasks/delivery-repository.ts'

/** A claimed delivery of an event, or of a test, with everything that its request contains. */
export type DueDelivery = ClaimedDelivery & {
  channel: 'endpoint'
  endpointId: string
  target: string
  /** The current secret, and the previous one during the overlap. */
  secrets: string[]
  /** Null for a test. */
  sequence: number | null
  type: EventType | null
  data: Record<string, unknown> | null
  at: Date
}

export type DueDeliveries = DeliveryRepository<DueDelivery> & {
  /** Records the status of a reply. */
  replied(delivery: ClaimedDelivery, status: number): Promise<void>
}

/** NOTIFY channel: deliveries have become due. */
export const WEBHOOKS_CHANNEL = 'cutroom_webhook'

/** After so many failed attempts, in about three minutes, an endpoint gets the events that follow before the one that failed. */
const ORDERED_ATTEMPTS = 3
const EARLY = `ARRAY[${Array.from({ length: ORDERED_ATTEMPTS }, (_, i) => i + 1).join()}]`
const LATE = 'ARRAY[4,5,6,7,8,9]'

/**
 * Deliveries to webhook endpoints. Each endpoint gets one at a time, in the order of the events' numbers, also across a short outage:
 * while an early attempt is in progress or waits to be repeated, nothing else is claimed for its endpoint. `leaseMs` must be longer than an
 * attempt can take.
 */
export function dueDeliveries(
  { query }: Pick<Database, 'query'>,
  { leaseMs }: { leaseMs: number },
): DueDeliveries {
  const candidate = (condition: string, rank: number) =>
    `(SELECT id, ${rank} AS rank FROM webhook_deliveries
      WHERE endpoint_id = endpoint.id AND ${condition} AND due_at <= now() ORDER BY due_at, sequence LIMIT 1)`

  return {
    claimDue: async (limit, { firstOnly = false } = {}) => {
      const rows = await query<Omit<DueDelivery, 'sequence'> & { sequence: string | null }>(
        // In random order, so that no endpoint waits for ever when there are more than the limit.
        `WITH chosen AS (
           SELECT next.id FROM webhook_endpoints endpoint
           JOIN users ON users.id = endpoint.user_id AND deleted_at IS NULL
           JOIN LATERAL (
             SELECT id FROM (
               ${candidate(`attempts = ANY(${EARLY}) AND NOT $3::boolean`, 0)} UNION ALL
               ${candidate('attempts = 0', 1)} UNION ALL
               ${candidate(`attempts = ANY(${LATE}) AND NOT $3::boolean`, 2)}
             ) candidates ORDER BY rank LIMIT 1
           ) next ON true
           WHERE enabled AND NOT EXISTS (
             SELECT FROM webhook_deliveries WHERE endpoint_id = endpoint.id AND attempts = ANY(${EARLY}) AND due_at > now()
           )
           ORDER BY random() LIMIT $1
         ), locked AS (
           SELECT id FROM webhook_deliveries WHERE id IN (SELECT id FROM chosen) AND due_at <= now() FOR UPDATE SKIP LOCKED
         ), claimed AS (
           UPDATE webhook_deliveries SET attempts = attempts + 1, attempted_at = now(), due_at = now() + $2 * interval '1 ms'
           FROM locked WHERE webhook_deliveries.id = locked.id RETURNING webhook_deliveries.*
         )
         SELECT claimed.id, claimed.attempts AS attempt, 'endpoint' AS channel, endpoint_id AS "endpointId", url AS target,
           array_remove(ARRAY[secret, CASE WHEN previous_until > now() THEN previous_secret END], NULL) AS secrets,
           claimed.sequence, events.type, data, coalesce(events.created_at, claimed.created_at) AS at
         FROM claimed JOIN webhook_endpoints ON webhook_endpoints.id = endpoint_id
         LEFT JOIN events ON events.user_id = claimed.user_id AND events.sequence = claimed.sequence`,
        [limit, leaseMs, firstOnly],
        'deliveries-claim',
      )
      return rows.map((row) => ({ ...row, sequence: row.sequence === null ? null : Number(row.sequence) }))
    },

    replied: (claimed, status) => update(claimed, 'reply_status = $3', [status]),
    delivered: (claimed) => update(claimed, 'due_at = NULL, delivered_at = now(), last_error = NULL', []),
    postpone: (claimed, error, delayMs) =>
      update(claimed, "due_at = now() + $4 * interval '1 ms', last_error = $3", [error, delayMs]),
    async giveUp(claimed, error) {
      await update(claimed, 'due_at = NULL, given_up_at = now(), last_error = $3', [error])
      if (error !== 'notify.rejected') return
      // The receiver is gone for good, unless the endpoint has been given another URL meanwhile.
      await query(
        'UPDATE webhook_endpoints SET enabled = false, disabled_reason = $2 WHERE id = $1 AND url = $3',
        [claimed.endpointId, error, claimed.target],
      )
    },
  }

  async function update({ id, attempt }: ClaimedDelivery, columns: string, values: unknown[]) {
    await query(`UPDATE webhook_deliveries SET ${columns} WHERE id = $1 AND attempts = $2`, [
      id,
      attempt,
      ...values,
    ])
  }
}
