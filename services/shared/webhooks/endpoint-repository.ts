import { type Credential, requireCredential } from '../accounts/require-credential.ts'
import type { EventType } from '../contract/events/events.ts'
import { MAX_RESENT } from '../contract/webhooks/deliveries.ts'
import type { CreateWebhook, ReplaceWebhook } from '../contract/webhooks/endpoints.ts'
import type { Database, Query } from '../database/database.ts'
import { CutroomError } from '../errors.ts'
import { type Cursor, cursorOf } from '../tasks/cursor.ts'
import { newWebhookSecret } from '../tasks/webhook-secrets.ts'

export type EndpointRow = {
  id: string
  url: string
  description: string
  types: EventType[]
  enabled: boolean
  disabled_reason: string | null
  previous_until: Date | null
  created_at: Date
}

export type DeliveryRow = {
  id: string
  sequence: string | null
  /** Null for a test. */
  type: EventType | null
  attempts: number
  reply_status: number | null
  last_error: string | null
  created_at: Date
  attempted_at: Date | null
  due_at: Date | null
  delivered_at: Date | null
  given_up_at: Date | null
}

const ENDPOINT_COLUMNS = `id, url, description, types, enabled, disabled_reason,
  CASE WHEN previous_until > now() THEN previous_until END AS previous_until, created_at`

const DELIVERY_COLUMNS = `webhook_deliveries.id, webhook_deliveries.sequence, events.type, attempts, reply_status, last_error,
  webhook_deliveries.created_at, attempted_at, due_at, delivered_at, given_up_at`
const WITH_EVENTS = `webhook_deliveries LEFT JOIN events
  ON events.user_id = webhook_deliveries.user_id AND events.sequence = webhook_deliveries.sequence`

/** An attempt that is made at once, as the first of all. */
const AT_ONCE = `due_at = clock_timestamp(), attempts = 0, delivered_at = NULL, given_up_at = NULL, last_error = NULL, reply_status = NULL`
const NOTIFY = "pg_notify('cutroom_webhook', '')"

const MAX_ENDPOINTS = 10
/** Tests of an endpoint that are kept: no event is deleted that would take them with it. */
const MAX_TESTS = 100

/** What users do with their webhook endpoints. Every statement names the owner. What is not there is undefined. */
export type EndpointRepository = {
  /** @throws CutroomError `webhook.too_many`, and `auth.required` when the caller's credential no longer exists. */
  create(caller: Credential, endpoint: CreateWebhook): Promise<EndpointRow & { secret: string }>
  list(userId: string): Promise<EndpointRow[]>
  find(userId: string, id: string): Promise<EndpointRow | undefined>
  /** @throws CutroomError `auth.required` when the caller's credential no longer exists. */
  replace(caller: Credential, id: string, endpoint: ReplaceWebhook): Promise<EndpointRow | undefined>
  remove(userId: string, id: string): Promise<EndpointRow | undefined>
  /**
   * Replaces the secret; the previous one signs as well for `overlapSeconds`.
   * @throws CutroomError `auth.required` when the caller's credential no longer exists.
   */
  rotate(
    caller: Credential,
    id: string,
    overlapSeconds: number,
  ): Promise<(EndpointRow & { secret: string }) | undefined>
  /** Queues a test delivery. */
  test(userId: string, id: string): Promise<DeliveryRow | undefined>
  /** One page, the newest first, of an endpoint that the caller has found. */
  deliveries(
    endpointId: string,
    page: { max: number; after: Cursor | undefined },
  ): Promise<{ rows: DeliveryRow[]; next: Cursor | undefined }>
  resendOne(userId: string, id: string, deliveryId: string): Promise<DeliveryRow | undefined>
  /** Queues events after a number again, at most 1,000: those that were given up, or all. */
  resendMany(
    userId: string,
    id: string,
    which: { after: number; all: boolean },
  ): Promise<{ count: number; last: number | null }>
}

export function endpointRepository(database: Pick<Database, 'query' | 'transaction'>): EndpointRepository {
  const { query, transaction } = database

  const deliveryOf = async (run: Query, id: string | undefined) => {
    if (id === undefined) return undefined
    const [row] = await run<DeliveryRow>(
      `SELECT ${DELIVERY_COLUMNS} FROM ${WITH_EVENTS} WHERE webhook_deliveries.id = $1`,
      [id],
    )
    return row
  }

  return {
    create: (caller, { url, types, description }) =>
      transaction(async (run) => {
        const { userId } = caller
        await requireCredential(run, caller)
        await run(`SELECT pg_advisory_xact_lock(hashtextextended('webhooks ' || $1, 0))`, [userId])
        const existing = await run('SELECT FROM webhook_endpoints WHERE user_id = $1', [userId])
        if (existing.length >= MAX_ENDPOINTS) {
          throw new CutroomError(
            'webhook.too_many',
            `The account has ${existing.length} webhook endpoints, which is the limit; delete one first.`,
          )
        }
        const secret = newWebhookSecret()
        const [row] = await run<EndpointRow>(
          `INSERT INTO webhook_endpoints (user_id, url, types, description, secret) VALUES ($1, $2, $3, $4, $5)
           RETURNING ${ENDPOINT_COLUMNS}`,
          [userId, url, types, description, secret],
        )
        if (!row) throw new Error('INSERT INTO webhook_endpoints returned no row')
        return { ...row, secret }
      }),

    list: (userId) =>
      query<EndpointRow>(
        `SELECT ${ENDPOINT_COLUMNS} FROM webhook_endpoints WHERE user_id = $1 ORDER BY created_at, id`,
        [userId],
      ),

    async find(userId, id) {
      const [row] = await query<EndpointRow>(
        `SELECT ${ENDPOINT_COLUMNS} FROM webhook_endpoints WHERE user_id = $1 AND id = $2`,
        [userId, id],
      )
      return row
    },

    replace: (caller, id, { url, types, description, enabled }) =>
      transaction(async (run) => {
        await requireCredential(run, caller)
        const [row] = await run<EndpointRow>(
          `UPDATE webhook_endpoints SET url = $3, types = $4, description = $5, enabled = $6, disabled_reason = NULL
           WHERE user_id = $1 AND id = $2 RETURNING ${ENDPOINT_COLUMNS}`,
          [caller.userId, id, url, types, description, enabled],
        )
        return row
      }),

    async remove(userId, id) {
      const [row] = await query<EndpointRow>(
        `DELETE FROM webhook_endpoints WHERE user_id = $1 AND id = $2 RETURNING ${ENDPOINT_COLUMNS}`,
        [userId, id],
      )
      return row
    },

    rotate: (caller, id, overlapSeconds) =>
      transaction(async (run) => {
        await requireCredential(run, caller)
        const secret = newWebhookSecret()
        const [row] = await run<EndpointRow>(
          `UPDATE webhook_endpoints SET secret = $3, previous_secret = CASE WHEN $4 > 0 THEN secret END,
             previous_until = CASE WHEN $4 > 0 THEN now() + $4 * interval '1 s' END
           WHERE user_id = $1 AND id = $2 RETURNING ${ENDPOINT_COLUMNS}`,
          [caller.userId, id, secret, overlapSeconds],
        )
        return row && { ...row, secret }
      }),

    async test(userId, id) {
      const [row] = await query<{ id: string }>(
        `WITH surplus AS (
           DELETE FROM webhook_deliveries WHERE user_id = $1 AND id IN (
             SELECT id FROM webhook_deliveries WHERE endpoint_id = $2 AND sequence IS NULL
             ORDER BY created_at DESC, id DESC OFFSET ${MAX_TESTS - 1})
         )
         INSERT INTO webhook_deliveries (endpoint_id, user_id, due_at)
         SELECT id, user_id, clock_timestamp() FROM webhook_endpoints WHERE user_id = $1 AND id = $2
         RETURNING id, ${NOTIFY}`,
        [userId, id],
      )
      return deliveryOf(query, row?.id)
    },

    async deliveries(endpointId, { max, after }) {
      const rows = await query<DeliveryRow>(
        `SELECT ${DELIVERY_COLUMNS} FROM ${WITH_EVENTS} WHERE endpoint_id = $1
           ${after ? 'AND (webhook_deliveries.created_at, webhook_deliveries.id) < ($3::timestamptz, $4::uuid)' : ''}
         ORDER BY webhook_deliveries.created_at DESC, webhook_deliveries.id DESC LIMIT $2`,
        [endpointId, max + 1, ...(after ? [after.createdAt, after.id] : [])],
      )
      const last = rows.length > max ? rows[max - 1] : undefined
      return { rows: rows.slice(0, max), next: last && cursorOf(last) }
    },

    async resendOne(userId, id, deliveryId) {
      const [row] = await query<{ id: string }>(
        `UPDATE webhook_deliveries SET ${AT_ONCE} WHERE user_id = $1 AND endpoint_id = $2 AND id = $3
         RETURNING id, ${NOTIFY}`,
        [userId, id, deliveryId],
      )
      return deliveryOf(query, row?.id)
    },

    async resendMany(userId, id, { after, all }) {
      const [row] = await query<{ count: string; last: string | null }>(
        `WITH chosen AS (
           SELECT webhook_endpoints.id AS endpoint_id, events.user_id, events.sequence
           FROM webhook_endpoints JOIN events USING (user_id)
           WHERE webhook_endpoints.user_id = $1 AND webhook_endpoints.id = $2 AND sequence > $3 AND type = ANY(types)
             AND ($4 OR EXISTS (
               SELECT FROM webhook_deliveries failed
               WHERE failed.endpoint_id = webhook_endpoints.id AND failed.sequence = events.sequence
                 AND failed.given_up_at IS NOT NULL))
           ORDER BY sequence LIMIT ${MAX_RESENT}
         ), sent AS (
           INSERT INTO webhook_deliveries (endpoint_id, user_id, sequence, due_at)
           SELECT endpoint_id, user_id, sequence, clock_timestamp() FROM chosen ORDER BY sequence
           ON CONFLICT (endpoint_id, sequence) DO UPDATE SET ${AT_ONCE} RETURNING sequence
         )
         SELECT count(*), max(sequence) AS last, ${NOTIFY} FROM sent`,
        [userId, id, after, all],
      )
      return { count: Number(row?.count ?? 0), last: row?.last ? Number(row.last) : null }
    },
  }
}
