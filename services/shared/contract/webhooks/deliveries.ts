import { z } from 'zod'
import { EventType } from '../events/events.ts'
import { NextPage, pageQuery } from '../paging.ts'

export const WebhookDelivery = z
  .object({
    id: z.uuid().meta({ description: 'The `webhook-id` of the request, the same for every attempt.' }),
    sequence: z.int().nullable().meta({ description: 'Number of the event; null for a test.' }),
    type: z.enum([...EventType.options, 'webhook.test']),
    state: z.enum(['pending', 'delivered', 'given_up']),
    attempts: z.int(),
    reply_status: z
      .int()
      .nullable()
      .meta({ description: 'HTTP status of the last reply, null when there was none.', example: 204 }),
    error: z.string().nullable().meta({ description: 'Error code of the last attempt, if it failed.' }),
    created_at: z.iso.datetime(),
    attempted_at: z.iso.datetime().nullable().meta({ description: 'When it was last tried.' }),
    next_attempt_at: z.iso.datetime().nullable(),
  })
  .meta({ id: 'WebhookDelivery' })
export type WebhookDelivery = z.infer<typeof WebhookDelivery>

const { max, page } = pageQuery('deliveries')
export const DeliveriesQuery = z.object({ max, page }).meta({ id: 'DeliveriesQuery' })

export const DeliveryList = z
  .object({ deliveries: z.array(WebhookDelivery), next_page: NextPage })
  .meta({ id: 'DeliveryList' })

/** The most events that one request can have sent again. */
export const MAX_RESENT = 1_000

export const Resend = z
  .strictObject({
    after: z.int().min(0).default(0).meta({ description: 'Only events with greater sequence numbers.' }),
    all: z
      .boolean()
      .default(false)
      .meta({
        description:
          'Send all events of the chosen types, also those that were delivered, and those from before the endpoint was created. By default ' +
          'only those that were given up.',
      }),
  })
  .meta({ id: 'Resend' })

export const Resent = z
  .object({
    count: z.int().meta({ description: `How many events are sent again: at most the first ${MAX_RESENT}.` }),
    last: z.int().nullable().meta({
      description: 'Sequence number of the last of them: pass it as `after` to go on. Null for none.',
    }),
  })
  .meta({ id: 'Resent' })
