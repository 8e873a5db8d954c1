import type { Event, EventType } from '../../api.ts'
import { type Command, type Context, flag, text, wholeNumber } from '../command.ts'

export const EVENT_OPTIONS = {
  after: { type: 'string' },
  types: { type: 'string' },
  task: { type: 'string' },
} as const

export const EVENT_HELP = {
  after: 'NUMBER of the event after which to begin; 0 for the oldest that is kept',
  types: 'TYPES to show, separated by commas, such as task.succeeded,task.failed',
  task: 'ID of the only task to show',
}

export const events: Command = {
  summary: 'List events of tasks and uploads, or follow them',
  usage: '',
  options: { ...EVENT_OPTIONS, follow: { type: 'boolean', short: 'f' } },
  help: { ...EVENT_HELP, follow: 'wait for new events' },
  async run(context) {
    const client = await context.connect()
    const { signal, terminal } = context
    if (flag(context, 'follow')) {
      for await (const event of client.events({ ...eventFilter(context), signal }))
        terminal.result(event, toLine(event))
    }
    const { types, taskId, after = 0 } = eventFilter(context)
    for (let next = after, hasMore = true; hasMore; ) {
      const query = { after: next, max: 100, types: types?.join(','), task_id: taskId }
      const page = await client.call('listEvents', { query: query as object }, { signal })
      for (const event of page.events) terminal.result(event, toLine(event))
      next = page.next
      hasMore = page.has_more
    }
    return undefined
  },
}

/** The events that the options choose. */
export function eventFilter(context: Context) {
  const after = wholeNumber(context, 'after', 0)
  const types = text(context, 'types')?.split(',') as EventType[] | undefined
  const taskId = text(context, 'task')
  return { ...(after !== undefined && { after }), ...(types && { types }), ...(taskId && { taskId }) }
}

function toLine({ sequence, timestamp, type, data }: Event): string {
  const id = 'upload_id' in data ? data.upload_id : data.id
  return `${String(sequence).padStart(6)}  ${timestamp.slice(0, 19).replace('T', ' ')}  ${type.padEnd(16)}  ${id}`
}
