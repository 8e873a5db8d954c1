import { Webhook } from 'standardwebhooks'
import type { Event, TaskEvent } from '../../api.ts'
import type { Client } from '../../client.ts'
import { CutroomError } from '../../errors.ts'
import { backoffMs, sleep } from '../../http/backoff.ts'
import { type Command, type Context, text } from '../command.ts'
import { UsageError } from '../exit-codes.ts'
import { EVENT_HELP, EVENT_OPTIONS, eventFilter } from './events.ts'

const FINISHED = ['task.succeeded', 'task.failed', 'task.aborted'] as const
const MAX_ATTEMPTS = 5
const TIMEOUT_MS = 10_000

export const listen: Command = {
  summary: 'Deliver webhooks to a program on this machine, signed, as the service would',
  usage: '',
  options: { ...EVENT_OPTIONS, 'forward-to': { type: 'string' } },
  help: {
    ...EVENT_HELP,
    'forward-to': 'URL of the program, such as http://localhost:3000/hooks',
    after: 'NUMBER of the event after which to begin, to repeat earlier ones; 0 for all that are kept',
    types: 'TYPES to deliver: task.succeeded, task.failed, task.aborted',
  },
  async run(context) {
    const { terminal, signal } = context
    const target = text(context, 'forward-to')
    if (!target || !URL.canParse(target))
      throw new UsageError('Give a URL with --forward-to, such as http://localhost:3000/hooks.')
    const filter = { types: [...FINISHED], ...eventFilter(context) }
    const other = filter.types.find((type) => !FINISHED.some((one) => one === type))
    if (other) throw new UsageError(`Webhooks have no event ${other}; --types may be ${FINISHED.join(', ')}.`)
    const client = await context.connect()
    const webhook = new Webhook(await signingSecret(client, context))
    terminal.note(`Delivering to ${target}; Ctrl-C ends it.`)
    for await (const event of client.events({ ...filter, signal })) {
      const body = JSON.stringify(await toWebhook(event, client, signal))
      await deliver(target, `cli_${event.sequence}`, body, webhook, event, context)
    }
    return undefined
  },
}

/** CUTROOM_WEBHOOK_SECRET, or the secret of the account: the receiver needs no other one than in production. */
async function signingSecret(client: Client, { env, signal }: Context): Promise<string> {
  if (env.CUTROOM_WEBHOOK_SECRET) return env.CUTROOM_WEBHOOK_SECRET
  try {
    return (await client.call('webhookSecret', {}, { signal })).secret
  } catch (error) {
    if (!(error instanceof CutroomError) || error.code !== 'auth.scope_missing') throw error
    const advice =
      'Set CUTROOM_WEBHOOK_SECRET to the secret of your receiver, or log in with: cutroom login --account'
    throw new CutroomError(error.code, error.detail, { status: 403, advice })
  }
}

/** The body of the webhook for an event: of the task as it is now, or of the event's summary if it was deleted. */
async function toWebhook(
  { type, timestamp, data }: Event,
  client: Client,
  signal: AbortSignal,
): Promise<TaskEvent> {
  const summary = data as TaskEvent['data']
  const task = await client.tasks.get(summary.id, { signal }).catch((error) => {
    if (error instanceof CutroomError && error.code === 'task.not_found') return summary
    throw error
  })
  const { id, status, error, outputs, metadata, finished_at } = task
  return {
    type,
    timestamp,
    data: {
      id,
      status,
      error: error && { code: error.code, message: error.message },
      outputs: outputs.map(({ name, content_type, bytes, seconds, width, height }) => ({
        ...{ name, content_type, bytes, seconds, width, height },
      })),
      ...(Object.keys(metadata ?? {}).length > 0 && { metadata }),
      finished_at,
    },
  } as TaskEvent
}

/** Delivers until the receiver replies 2xx, a few times at most: a person waits here, not a server. */
async function deliver(
  target: string,
  id: string,
  body: string,
  webhook: Webhook,
  event: Event,
  { terminal, signal }: Context,
): Promise<void> {
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const status = await post(target, id, body, webhook)
    const isDelivered = typeof status === 'number' && status >= 200 && status < 300
    const delivery = {
      sequence: event.sequence,
      type: event.type,
      task_id: (event.data as { id: string }).id,
      attempt,
      status,
    }
    terminal.result(delivery, `${event.sequence}  ${event.type}  ${delivery.task_id}  ${status}`)
    if (isDelivered || status === 410) return
    if (attempt < MAX_ATTEMPTS) await sleep(backoffMs(attempt), signal)
  }
  terminal.note(`Gave up event ${event.sequence}; repeat it with --after ${event.sequence - 1}.`)
}

/** The status of the reply, or why there was none. */
async function post(target: string, id: string, body: string, webhook: Webhook): Promise<number | string> {
  const at = new Date()
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'Cutroom',
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': webhook.sign(id, at, body),
  }
  try {
    const init = {
      method: 'POST',
      headers,
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    } as const
    const reply = await fetch(target, init)
    await reply.body?.cancel()
    return reply.status
  } catch (error) {
    const { cause, message } = error as Error & { cause?: { code?: string } }
    return cause?.code ?? message
  }
}
