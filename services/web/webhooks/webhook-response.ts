import type { WebhookDelivery } from '#shared/contract/webhooks/deliveries.ts'
import type { Webhook } from '#shared/contract/webhooks/endpoints.ts'
import type { DeliveryRow, EndpointRow } from '#shared/webhooks/endpoint-repository.ts'

/** An endpoint as the API returns it, without its secrets. */
export const toWebhook = (row: EndpointRow): Webhook => ({
  id: row.id,
  url: row.url,
  types: row.types,
  description: row.description,
  enabled: row.enabled,
  disabled_reason: row.disabled_reason,
  previous_secret_until: row.previous_until?.toISOString() ?? null,
  created_at: row.created_at.toISOString(),
})

/** A delivery as the API returns it. */
export const toDelivery = (row: DeliveryRow): WebhookDelivery => ({
  id: row.id,
  sequence: row.sequence === null ? null : Number(row.sequence),
  type: row.type ?? 'webhook.test',
  state: row.delivered_at ? 'delivered' : row.given_up_at ? 'given_up' : 'pending',
  attempts: row.attempts,
  reply_status: row.reply_status,
  error: row.last_error,
  created_at: row.created_at.toISOString(),
  attempted_at: row.attempted_at?.toISOString() ?? null,
  next_attempt_at: row.due_at?.toISOString() ?? null,
})
