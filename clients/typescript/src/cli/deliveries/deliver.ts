import { Webhook } from 'standardwebhooks'
import type { Event } from '../../api.ts'
import { backoffMs, sleep } from '../../http/backoff.ts'
import { reasonOf } from '../../http/transport.ts'
import type { Context } from '../command.ts'

const MAX_ATTEMPTS = 5
const TIMEOUT_MS = 10_000
const GONE = 410

/** Where deliveries go, and what signs them: each secret, of which the receiver needs to know one. */
export type Receiver = { target: string; secrets: string[] }

/**
 * Delivers an event until the receiver replies 2xx, a few times at most: a person waits here, not a server. Prints each attempt.
 * Resolves to whether it was accepted.
 */
export async function deliver(
  event: Event,
  body: object,
  receiver: Receiver,
  { terminal, signal }: Pick<Context, 'terminal' | 'signal'>,
): Promise<boolean> {
  const text = JSON.stringify(body)
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const status = await post(`cli_${event.sequence}`, text, receiver)
    const { sequence, type } = event
    const subject = subjectOf(event)
    const delivery = { sequence, type, ...subject, attempt, status }
    terminal.result(delivery, `${sequence}  ${type}  ${Object.values(subject)}  ${status}`)
    if (typeof status === 'number' && status >= 200 && status < 300) return true
    if (status === GONE) return false
    if (attempt < MAX_ATTEMPTS) await sleep(backoffMs(attempt), signal)
  }
  return false
}

const subjectOf = ({ data }: Event) =>
  'upload_id' in data ? { upload_id: data.upload_id } : { task_id: data.id }

/** The status of the reply, or why there was none. */
async function post(id: string, body: string, { target, secrets }: Receiver): Promise<number | string> {
  const at = new Date()
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'Cutroom',
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(id, at, body)).join(' '),
  }
  const signal = AbortSignal.timeout(TIMEOUT_MS)
  try {
    const reply = await fetch(target, { method: 'POST', headers, body, redirect: 'manual', signal })
    await reply.body?.cancel()
    return reply.status
  } catch (error) {
    return reasonOf(error as Error)
  }
}
