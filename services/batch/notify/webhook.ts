import { Webhook } from 'standardwebhooks'
import { Agent, request } from 'undici'
import { CutroomError } from '#shared/errors.ts'
import { rejectionReason } from '#shared/net/public-address.ts'
import { type ConnectionGuard, guardedConnector } from '../sources/guarded-connector.ts'
import { notCalled, notTaken, rejected } from './errors.ts'
import { eventOf } from './message.ts'
import type { Sender } from './notifier.ts'

export type WebhookSettings = Omit<ConnectionGuard, 'readTimeoutMs'> & { limitMs?: number }

/**
 * POSTs a signed event. The connection is guarded as a source's is, no redirect is followed, and of the reply
 * nothing is read but its status: 2xx means taken, 410 never again. Throws `notify.refused`, `notify.rejected`
 * or `notify.failed`.
 */
export function createWebhook({ limitMs = 10_000, ...guard }: WebhookSettings): Sender {
  const agent = new Agent({
    connect: guardedConnector({ ...guard, readTimeoutMs: limitMs }),
    maxHeaderSize: 16_384,
  })
  return async (due, signal) => {
    const url = new URL(due.target ?? '')
    const objection = rejectionReason(url, guard.allowHosts, guard.mayConnect)
    if (objection) throw notCalled(objection)
    const body = JSON.stringify(eventOf(due))
    const status = await request(url, {
      dispatcher: agent,
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': 'Cutroom', ...signatureOf(due, body) },
      body,
      signal: AbortSignal.any([signal, AbortSignal.timeout(limitMs)]),
    }).then(
      (reply) => {
        // An error of a body that nobody reads must not end the process.
        reply.body.on('error', () => undefined).destroy()
        return reply.statusCode
      },
      (error) => {
        throw asFault(error)
      },
    )
    if (status === 410) throw rejected('it answered 410')
    if (status < 200 || status >= 300) throw notTaken(`it answered ${status}`)
  }
}

/** The headers of https://www.standardwebhooks.com: the id stays, time and signature are this attempt's. */
function signatureOf({ id, secret }: Parameters<Sender>[0], body: string, at = new Date()) {
  if (secret === null) throw notTaken('its owner has no secret yet')
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': new Webhook(secret).sign(id, at, body),
  }
}

function asFault(error: unknown) {
  // What the guarded connector refused; its message names the host, which is the owner's secret to keep.
  if (error instanceof CutroomError && !error.retry) return notCalled('its name leads inside', error)
  return notTaken('the connection failed or took too long', error)
}
