import { Webhook } from 'standardwebhooks'
import type { TaskEvent, WebhookEvent } from './api.ts'
import { CutroomError } from './errors.ts'

export type ReceivedWebhook = {
  /** The webhook secret of the account, or that of the webhook endpoint; several while it is being replaced. */
  secret: string | readonly string[]
  headers: Headers | Record<string, string | string[] | undefined>
  /** The body as it arrived, not parsed. */
  body: string
}

const SIGNED = ['webhook-id', 'webhook-timestamp', 'webhook-signature']

/**
 * The event of a webhook whose signature is valid and not older than five minutes. Deliveries can repeat: those with the same header
 * `webhook-id` are the same event. A webhook endpoint of the account receives a `WebhookEvent`: `verifyWebhook<WebhookEvent>(…)`.
 * @throws CutroomError `client.signature_invalid`
 */
export function verifyWebhook<Received extends TaskEvent | WebhookEvent = TaskEvent>({
  secret,
  headers,
  body,
}: ReceivedWebhook): Received {
  const received = headers instanceof Headers ? Object.fromEntries(headers) : headers
  const signed = Object.fromEntries(SIGNED.map((name) => [name, String(received[name] ?? '')]))
  let cause: unknown
  for (const one of [secret].flat()) {
    try {
      return new Webhook(one).verify(body, signed) as Received
    } catch (error) {
      cause = error
    }
  }
  throw new CutroomError('client.signature_invalid', 'The webhook is not signed with this secret.', { cause })
}
