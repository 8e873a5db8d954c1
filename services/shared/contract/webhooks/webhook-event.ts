import { z } from 'zod'
import { EventType } from '../events/events.ts'

/** The body of a request to a webhook endpoint. It contains no links: the receiver fetches the task to get them. */
export const WebhookEvent = z
  .object({
    type: z.enum([...EventType.options, 'webhook.test']),
    sequence: z.int().nullable().meta({
      description: 'Number of the event, as in `GET /events`; null for a test.',
    }),
    timestamp: z.iso.datetime().meta({ description: 'When it happened.' }),
    data: z.record(z.string(), z.unknown()).meta({
      description: 'The task or upload as in `GET /events`; outputs have no `url`.',
    }),
  })
  .meta({ id: 'WebhookEvent' })
export type WebhookEvent = z.infer<typeof WebhookEvent>
