import { Webhook } from 'standardwebhooks'
import type { EventType } from '../../api.ts'
import type { Client } from '../../client.ts'
import { CutroomError } from '../../errors.ts'
import { type Context, text } from '../command.ts'
import { UsageError } from '../exit-codes.ts'
import { DEFAULT_TYPES, EVENT_TYPES, type Form, TASK_TYPES } from './bodies.ts'
import type { Receiver } from './deliver.ts'

/** The options of commands that deliver events. */
export const DELIVERY_OPTIONS = {
  'forward-to': { type: 'string' },
  as: { type: 'string' },
  webhook: { type: 'string' },
} as const

export const DELIVERY_HELP = {
  'forward-to': 'URL of the program, such as http://localhost:3000/hooks',
  as: 'FORM: task, as notify.webhook of a task (its end only), or endpoint, as webhook endpoints (every type)',
  webhook: 'ID or URL of a webhook endpoint of the account, whose types are delivered',
  types: 'TYPES to deliver, separated by commas; all for every one',
}

export const DELIVERY_CHOICES = { as: ['task', 'endpoint'], types: ['all', ...EVENT_TYPES] }

/** What to deliver and where to: `types` is undefined when the endpoint decides. */
type Wanted = { target: string; form: Form; types: EventType[] | undefined; webhook: string | undefined }

/**
 * Types that only webhook endpoints receive make it their form. Pure.
 * @throws UsageError for options that are wrong or contradict each other.
 */
export function wantedDeliveries(context: Context): Wanted {
  const target = text(context, 'forward-to')
  if (!target || !/^https?:\/\//i.test(target) || !URL.canParse(target))
    throw new UsageError('Give a URL with --forward-to, such as http://localhost:3000/hooks.')
  // They would be sent by no client, and shown in messages.
  if (new URL(target).username || new URL(target).password)
    throw new UsageError('--forward-to takes no user name and password; the signature shows who sends.')
  const webhook = text(context, 'webhook')
  const types = typesOf(text(context, 'types'))
  const form = formOf(text(context, 'as'), webhook, types)
  const other = form === 'task' && types?.find((type) => !TASK_TYPES.some((one) => one === type))
  if (other) throw new UsageError(`The webhook of a task has no event ${other}: ${TASK_TYPES.join(', ')}.`)
  if (webhook || types) return { target, form, types, webhook }
  return { target, form, types: form === 'task' ? [...TASK_TYPES] : DEFAULT_TYPES, webhook }
}

function typesOf(list: string | undefined): EventType[] | undefined {
  if (list === undefined || list === 'all') return list && EVENT_TYPES
  const types = list.split(',') as EventType[]
  const unknown = types.find((type) => !EVENT_TYPES.includes(type))
  if (unknown === undefined) return types
  throw new UsageError(`There is no event ${JSON.stringify(unknown)}: ${EVENT_TYPES.join(', ')}, or all.`)
}

function formOf(as: string | undefined, webhook: string | undefined, types: EventType[] | undefined): Form {
  if (as !== undefined && as !== 'task' && as !== 'endpoint')
    throw new UsageError(`--as ${as} is not a form: task or endpoint.`)
  if (as === 'task' && webhook)
    throw new UsageError('A webhook endpoint has no --as task; leave out one of the two.')
  const onlyEndpoints = types?.some((type) => !TASK_TYPES.some((one) => one === type))
  return as ?? (webhook || onlyEndpoints ? 'endpoint' : 'task')
}

/**
 * The receiver with what signs for it, and the types to deliver to it.
 * @throws UsageError when the secret of an endpoint is not given; CutroomError `webhook.not_found`, and `auth.scope_missing` with advice.
 */
export async function openDeliveries({ target, types, webhook }: Wanted, client: Client, context: Context) {
  const endpoint = webhook === undefined ? undefined : await findEndpoint(webhook, client, context)
  const secrets = givenSecrets(context) ?? [await accountSecret(endpoint !== undefined, client, context)]
  const receiver: Receiver = { target, secrets }
  return { receiver, types: types ?? endpoint?.types ?? EVENT_TYPES }
}

async function findEndpoint(webhook: string, client: Client, { signal }: Context) {
  const { webhooks } = await withScope(client.call('listWebhooks', {}, { signal }))
  const endpoint = webhooks.find(({ id, url }) => id === webhook || url === webhook)
  if (endpoint) return endpoint
  const known = webhooks.map(({ id, url }) => `${id} (${url})`).join(', ') || 'none'
  throw new CutroomError('webhook.not_found', `The account has no webhook endpoint ${webhook}.`, {
    status: 404,
    advice: `It has ${known}.`,
  })
}

/** Of CUTROOM_WEBHOOK_SECRET; several are separated by spaces. The message of an error holds none. */
function givenSecrets({ env }: Context): string[] | undefined {
  const secrets = env.CUTROOM_WEBHOOK_SECRET?.split(' ').filter(Boolean)
  if (!secrets?.length) return undefined
  try {
    for (const secret of secrets) new Webhook(secret).sign('test', new Date(), '')
    return secrets
  } catch {
    throw new UsageError('CUTROOM_WEBHOOK_SECRET is not a webhook secret, such as whsec_ and base64.')
  }
}

/** The secret of the account signs the webhooks of tasks. That of an endpoint is shown only once, when it was created. */
async function accountSecret(isEndpoint: boolean, client: Client, { signal }: Context): Promise<string> {
  if (isEndpoint) {
    throw new UsageError(
      'Set CUTROOM_WEBHOOK_SECRET to the secret of the endpoint, which was shown when it was created or replaced.',
    )
  }
  return (await withScope(client.call('webhookSecret', {}, { signal }))).secret
}

async function withScope<Value>(reply: Promise<Value>): Promise<Value> {
  try {
    return await reply
  } catch (error) {
    if (!(error instanceof CutroomError) || error.code !== 'auth.scope_missing') throw error
    const advice =
      'Set CUTROOM_WEBHOOK_SECRET to the secret of your receiver and leave out --webhook, or log in with: cutroom login --account'
    throw new CutroomError(error.code, error.detail, { status: 403, advice })
  }
}
