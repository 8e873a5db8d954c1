import type { Event } from '../../api.ts'
import { type Command, flag, text } from '../command.ts'
import { EVENT_TYPES } from '../deliveries/bodies.ts'
import { eventFilter, PAST_HELP, PAST_OPTIONS, pastEvents, startAfter, timeFilter } from '../event-filter.ts'
import { UsageError } from '../exit-codes.ts'
import { replay } from './replay.ts'

export const events: Command = {
  summary: 'List events of tasks and uploads, or follow them',
  usage: '[replay]',
  options: { ...PAST_OPTIONS, follow: { type: 'boolean', short: 'f' } },
  help: { ...PAST_HELP, follow: 'wait for new events' },
  choices: { types: EVENT_TYPES },
  subcommands: { replay },
  async run(context) {
    const [unknown] = context.positionals
    if (unknown)
      throw new UsageError(`There is no cutroom events ${unknown}; cutroom events --help shows more.`)
    const { signal, terminal } = context
    const isFollowing = flag(context, 'follow')
    if (isFollowing && text(context, 'until')) throw new UsageError('--follow has no end; leave out --until.')
    const { after: given, ...others } = eventFilter(context)
    const { since, isWithin } = timeFilter(context)
    const client = await context.connect()
    const after = await startAfter(given, since, client, signal)
    const filter = { ...others, ...(after !== undefined && { after }) }
    const all = isFollowing ? client.events({ ...filter, signal }) : pastEvents(client, filter, signal)
    for await (const event of all) if (isWithin(event)) terminal.result(event, toLine(event))
    return undefined
  },
}

function toLine({ sequence, timestamp, type, data }: Event): string {
  const id = 'upload_id' in data ? data.upload_id : data.id
  return `${String(sequence).padStart(6)}  ${timestamp.slice(0, 19).replace('T', ' ')}  ${type.padEnd(16)}  ${id}`
}
