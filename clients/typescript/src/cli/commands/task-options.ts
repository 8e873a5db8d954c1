import { type Context, type Options, pairs, text, texts } from '../command.ts'
import { bucketDestination, type Destination, destinationOf } from '../destination.ts'
import type { TaskExtras } from '../edit.ts'
import { UsageError } from '../exit-codes.ts'
import { readJson, sourceRef } from './edit-options.ts'

/** The options of commands that create tasks, besides those that say what to render. */
export const TASK_OPTIONS: Options = {
  metadata: { type: 'string', multiple: true },
  priority: { type: 'string' },
  destination: { type: 'string' },
  notify: { type: 'string', multiple: true },
}

export const TASK_HELP: Record<string, string> = {
  metadata: 'KEY=VALUE of your own; several --metadata give several',
  priority: 'NUMBER from -100 to 100; of your waiting tasks, the highest starts first',
  destination: 's3://BUCKET/FOLDER or gs://BUCKET/FOLDER for the outputs, or FILE: a destination as JSON',
  notify: 'email, or the URL of a webhook, when the task has finished',
}

export const NAME_HELP = 'NAME of the file that is uploaded, such as talk.mp4: lists and results show it'

/** What --metadata and its like say. @throws UsageError */
export async function taskExtras(context: Context): Promise<TaskExtras> {
  const metadata = pairs(context, 'metadata')
  const priority = toPriority(text(context, 'priority'))
  const destination = await toDestination(text(context, 'destination'), context)
  const notify = toNotify(texts(context, 'notify'))
  return {
    ...(metadata && { metadata }),
    ...(priority !== undefined && { priority }),
    ...(destination && { destination }),
    ...(notify && { notify }),
  }
}

/** The extras for one of several inputs, whose name without extension is `stem`. @throws UsageError */
export const extrasOf = (extras: TaskExtras, stem: string): TaskExtras =>
  extras.destination ? { ...extras, destination: destinationOf(extras.destination, stem) } : extras

function toPriority(value: string | undefined): number | undefined {
  if (value === undefined || /^-?\d{1,3}$/.test(value)) return value === undefined ? value : Number(value)
  throw new UsageError(`--priority ${value} is not a whole number.`)
}

async function toDestination(value: string | undefined, { env }: Context): Promise<Destination | undefined> {
  if (value === undefined) return undefined
  const destination = bucketDestination(value, env) ?? (await readJson(value))
  if (typeof destination === 'object' && destination !== null) return destination as Destination
  throw new UsageError(`${value} is not a JSON object.`)
}

function toNotify(values: string[]): TaskExtras['notify'] {
  const webhooks = values.filter((value) => value !== 'email')
  const [webhook, ...more] = webhooks
  if (webhook && !URL.canParse(webhook))
    throw new UsageError(`--notify ${webhook} is neither email nor a URL.`)
  if (more.length > 0)
    throw new UsageError('A task notifies one webhook; cutroom listen and webhook endpoints serve more.')
  if (values.length === 0) return undefined
  return { ...(webhooks.length < values.length && { email: true }), ...(webhook && { webhook }) }
}

/** The value of --name, which needs one input that is uploaded. */
export function nameOf(context: Context): string | undefined {
  const name = text(context, 'name')
  if (name === undefined) return undefined
  const [input, ...more] = context.positionals
  if (input === undefined || more.length > 0 || sourceRef(input))
    throw new UsageError('--name needs a single FILE, or - for stdin.')
  if (!/^[^/\\]+$/.test(name)) throw new UsageError(`--name ${name} is not the name of a file.`)
  return name
}
