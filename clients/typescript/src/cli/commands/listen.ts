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
import { EVENT_HELP, EVENT_OPTIONS, eventFilter } from '../event-filter.ts'

export const listen: Command = {
  summary: 'Deliver webhooks to a program on this machine, signed, as the service would',
  usage: '',
  options: { ...EVENT_OPTIONS, ...DELIVERY_OPTIONS },
  help: {
    ...EVENT_HELP,
    ...DELIVERY_HELP,
    after: 'NUMBER of the event after which to begin, to repeat earlier ones; 0 for all that are kept',
  },
  choices: DELIVERY_CHOICES,
  async run(context) {
    const { terminal, signal } = context
    const wanted = wantedDeliveries(context)
    const filter = eventFilter(context)
    const client = await context.connect()
    const { receiver, types } = await openDeliveries(wanted, client, context)
    terminal.note(`Delivering to ${wanted.target}: ${types.join(', ')}. Ctrl-C ends it.`)
    for await (const event of client.events({ ...filter, types, signal })) {
      const body = await toBody(event, wanted.form, client, signal)
      if (await deliver(event, body, receiver, context)) continue
      terminal.note(`Gave up event ${event.sequence}; repeat it with --after ${event.sequence - 1}.`)
    }
    return undefined
  },
}
