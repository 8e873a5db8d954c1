import { z } from 'zod'

/** Where to announce that a task has finished. Both channels may be used. */
export const Notify = z
  .strictObject({
    email: z.boolean().optional().meta({ description: "Send an e-mail to the account's address." }),
    webhook: z
      .url({ protocol: /^https?$/, error: 'must be an https URL' })
      .max(2048)
      .optional()
      .meta({ description: 'POST a signed `TaskEvent` to this https URL.' }),
  })
  .meta({
    id: 'Notify',
    description: 'Where to announce that the task has finished.',
    examples: [{ webhook: 'https://example.com/hooks/cutroom' }],
  })

export const Delivery = z
  .object({
    state: z.enum(['pending', 'delivered', 'given_up']).meta({
      description:
        '`pending` until delivery succeeds or stops, including before the task has finished and between attempts.',
    }),
    attempts: z.int().meta({ description: 'Delivery attempts so far.' }),
    error: z.string().nullable().meta({ description: 'Error code of the latest failed attempt.' }),
  })
  .meta({ id: 'Delivery', description: 'Progress of one notification.' })

/** The state of each notification that a task asked for. */
export const NotificationStatus = z
  .object({ email: Delivery.optional(), webhook: Delivery.extend({ url: z.string() }).optional() })
  .meta({ id: 'NotificationStatus' })

/** A user's signing secret for webhooks. */
export const WebhookSecret = z
  .object({
    secret: z.string().meta({
      description: '`whsec_` followed by 24 random bytes in base64, in the format of Standard Webhooks.',
      example: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    }),
  })
  .meta({ id: 'WebhookSecret' })

export type Notify = z.infer<typeof Notify>
export type Delivery = z.infer<typeof Delivery>
export type NotificationStatus = z.infer<typeof NotificationStatus>
export type WebhookSecret = z.infer<typeof WebhookSecret>
