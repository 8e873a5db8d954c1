import { CutroomError } from '../../errors.ts'
import type { Command } from '../command.ts'
import { toBody } from '../deliveries/bodies.ts'
import { deliver } from '../deliveries/deliver.ts'
import {
  DELIVERY_CHOICES,
  DELIVERY_HELP,
  DELIVERY_OPTIONS,
  openDeliveries,
  wantedDeliveries,
} from '../deliveries/delivery-options.ts'
import { eventFilter, PAST_HELP, PAST_OPTIONS, pastEvents, startAfter, timeFilter } from '../event-filter.ts'

export const replay: Command = {
  summary: 'Deliver events of the log once more to a program on this machine, signed, in their order',
  usage: '',
  options: { ...PAST_OPTIONS, ...DELIVERY_OPTIONS },
  help: { ...PAST_HELP, ...DELIVERY_HELP },
  choices: DELIVERY_CHOICES,
  async run(context) {
    const { terminal, signal } = context
    const wanted = wantedDeliveries(context)
    const { since, isWithin } = timeFilter(context)
    const { after: given, ...filter } = eventFilter(context)
    const client = await context.connect()
    const { receiver, types } = await openDeliveries(wanted, client, context)
    const after = (await startAfter(given, since, client, signal)) ?? 0
    let count = 0
    for await (const event of pastEvents(client, { ...filter, after, types }, signal)) {
      if (!isWithin(event)) continue
      count++
      const body = await toBody(event, wanted.form, client, signal)
      if (await deliver(event, body, receiver, context)) continue
      const { sequence } = event
      throw new CutroomError('client.delivery_failed', `Stopped at event ${sequence}: it was not accepted.`, {
        advice: `Repair the receiver and go on with --after ${sequence - 1}, or skip the event with --after ${sequence}.`,
      })
    }
    terminal.note(count === 0 ? 'The log has no such event.' : `${count} events.`)
    return undefined
  },
}
