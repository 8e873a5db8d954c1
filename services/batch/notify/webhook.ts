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

/** A request to a receiver: signed with each of the secrets, of which it needs to know one. */
type Message = { id: string; target: string; secrets: string[]; body: string }

/**
 * Creates what POSTs signed events, and returns the status of the reply; nothing else of it is read. Connections are guarded like
 * those to sources, and redirects are not followed. Throws `notify.refused` for a URL that is not allowed, and `notify.failed` when there
 * is no reply, which includes host names with private addresses.
 */
export function createPost({ timeoutMs = 10_000, ...guard }: WebhookSettings) {
  const agent = new Agent({
    connect: guardedConnector({ ...guard, readTimeoutMs: timeoutMs }),
    maxHeaderSize: 16_384,
  })

  return async (message: Message, signal: AbortSignal): Promise<number> => {
    const url = new URL(message.target)
    const refusal = rejectionReason(url, guard.allowHosts, guard.mayConnect)
    if (refusal) throw webhookRefused(refusal)
    const headers = signatureHeaders(message)
    try {
      const reply = await request(url, {
        dispatcher: agent,
        method: 'POST',
        headers: { 'content-type': 'application/json', 'user-agent': 'Cutroom', ...headers },
        body: message.body,
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      })
      // Without a listener, an error of the unread body would end the process.
      reply.body.on('error', () => undefined).destroy()
      return reply.statusCode
    } catch (error) {
      throw toDeliveryError(error)
    }
  }
}

/** 2xx means delivered, 410 that the receiver is gone for good. @throws CutroomError `notify.rejected`, `notify.failed` */
export function requireAccepted(status: number): void {
  if (status === 410) throw deliveryRejected('it replied 410')
  if (status < 200 || status >= 300) throw deliveryFailed(`the receiver replied ${status}`)
}

/** Creates a sender that POSTs the end of a task to its webhook. It throws what `createPost` and `requireAccepted` throw. */
export function createWebhook(settings: WebhookSettings): Sender<DueNotification> {
  const post = createPost(settings)
  return async (due, signal) => {
    const body = JSON.stringify(toTaskEvent(due))
    const secrets = due.secret === null ? [] : [due.secret]
    requireAccepted(await post({ id: due.id, target: due.target ?? '', secrets, body }, signal))
  }
}

/**
 * Headers as in https://www.standardwebhooks.com: the id is stable, timestamp and signatures belong to the attempt. Signatures of
 * several secrets are separated by spaces.
 */
function signatureHeaders({ id, secrets, body }: Message, at = new Date()) {
  if (secrets.length === 0) throw deliveryFailed('the account has no webhook secret yet')
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(id, at, body)).join(' '),
  }
}

/**
 * The same for an address that the guarded connector refused and for a host that does not exist: otherwise the names of the
 * network that the service is in could be guessed.
 */
const toDeliveryError = (error: unknown) => deliveryFailed('the connection failed or timed out', error)
