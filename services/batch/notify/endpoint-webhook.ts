import type { WebhookEvent } from '#shared/contract/webhooks/webhook-event.ts'
import type { DueDeliveries, DueDelivery } from '#shared/webhooks/due-deliveries.ts'
import type { Sender } from './notifier.ts'
import { createPost, requireAccepted, type WebhookSettings } from './webhook.ts'

/** Creates a sender that POSTs signed events to webhook endpoints, and records the status of each reply. */
export function createEndpointWebhook(
  settings: WebhookSettings,
  { replied }: Pick<DueDeliveries, 'replied'>,
): Sender<DueDelivery> {
  const post = createPost(settings)
  return async (due, signal) => {
    const body = JSON.stringify(toWebhookEvent(due))
    const status = await post({ id: due.id, target: due.target, secrets: due.secrets, body }, signal)
    await replied(due, status)
    requireAccepted(status)
  }
}

/** The body of a request. Like that of a task's webhook, it holds no links: receivers fetch the task for those. */
function toWebhookEvent({ type, sequence, data, at, endpointId }: DueDelivery): WebhookEvent {
  const { outputs, ...rest } = data ?? { id: endpointId }
  return {
    type: type ?? 'webhook.test',
    sequence,
    timestamp: at.toISOString(),
    data: Array.isArray(outputs) ? { ...rest, outputs: outputs.map(withoutKey) } : rest,
  }
}

const withoutKey = ({ key: _, ...output }: { key?: unknown }) => output
