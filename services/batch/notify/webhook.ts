import { Webhook } from 'standardwebhooks'
import { Agent, request } from 'undici'
import { rejectionReason } from '#shared/net/public-address.ts'
import type { DueNotification } from '#shared/tasks/notification-repository.ts'
import { type ConnectionGuard, guardedConnector } from '../sources/guarded-connector.ts'
import { deliveryFailed, deliveryRejected, webhookRefused } from './errors.ts'
import { toTaskEvent } from './message.ts'
import type { Sender } from './notifier.ts'

/** `timeoutMs`: limit for one delivery; 10 s by default. */
export type WebhookSettings = Omit<ConnectionGuard, 'readTimeoutMs'> & { timeoutMs?: number }

/**
 * Creates a sender that POSTs signed events. Connections are guarded like those to sources, redirects are not
 * followed, and nothing but the status of a reply is read: 2xx means delivered, 410 that the receiver is gone for
 * good. The sender throws `notify.refused` for a URL that is not allowed, `notify.rejected` after a 410, and
 * `notify.failed` for everything else, which includes host names with private addresses.
 */
export function createWebhook({ timeoutMs = 10_000, ...guard }: WebhookSettings): Sender<DueNotification> {
  const agent = new Agent({
    connect: guardedConnector({ ...guard, readTimeoutMs: timeoutMs }),
    maxHeaderSize: 16_384,
  })

  async function post(url: URL, headers: Record<string, string>, body: string, signal: AbortSignal) {
    try {
      const reply = await request(url, {
        dispatcher: agent,
        method: 'POST',
        headers: { 'content-type': 'application/json', 'user-agent': 'Cutroom', ...headers },
        body,
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      })
      // Without a listener, an error of the unread body would end the process.
      reply.body.on('error', () => undefined).destroy()
      return reply.statusCode
    } catch (error) {
      throw toDeliveryError(error)
    }
  }

  return async (due, signal) => {
    const url = new URL(due.target ?? '')
    const refusal = rejectionReason(url, guard.allowHosts, guard.mayConnect)
    if (refusal) throw webhookRefused(refusal)
    const body = JSON.stringify(toTaskEvent(due))
    const status = await post(url, signatureHeaders(due, body), body, signal)
    if (status === 410) throw deliveryRejected('it replied 410')
    if (status < 200 || status >= 300) throw deliveryFailed(`the receiver replied ${status}`)
  }
}

/** Headers as in https://www.standardwebhooks.com: the id is stable, timestamp and signature belong to the attempt. */
function signatureHeaders({ id, secret }: DueNotification, body: string, at = new Date()) {
  if (secret === null) throw deliveryFailed('the account has no webhook secret yet')
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': new Webhook(secret).sign(id, at, body),
  }
}

/**
 * The same for an address that the guarded connector refused and for a host that does not exist: otherwise the names of the
 * network that the service is in could be guessed.
 */
const toDeliveryError = (error: unknown) => deliveryFailed('the connection failed or timed out', error)
