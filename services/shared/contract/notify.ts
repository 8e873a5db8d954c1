import { z } from 'zod'

/** Who is to hear of a task's end; both may. */
export const Notify = z
  .strictObject({
    email: z.boolean().optional().meta({ description: "Send a mail to the account's address." }),
    webhook: z
      .url({ protocol: /^https?$/, error: 'give an https address' })
      .max(2048)
      .optional()
      .meta({ description: 'POST a signed TaskEvent to this https address.' }),
  })
  .meta({ id: 'Notify', examples: [{ webhook: 'https://example.com/hooks/cutroom' }] })

/** How far a notification has come. */
export const Delivery = z
  .object({
    state: z.enum(['pending', 'delivered', 'given_up']).meta({
      description: 'pending also before the task has ended, and between attempts.',
    }),
    attempts: z.int(),
    error: z.string().nullable().meta({ description: 'Code of the latest attempt that failed.' }),
  })
  .meta({ id: 'Delivery' })

/** Who hears of a task's end, and whether they have. */
export const NotificationStatus = z
  .object({ email: Delivery.optional(), webhook: Delivery.extend({ url: z.string() }).optional() })
  .meta({ id: 'Notified' })

/** A user's key for the signatures of webhooks. */
export const WebhookSecret = z
  .object({
    secret: z.string().meta({
      description: 'whsec_ and 24 random bytes in base64, as Standard Webhooks writes it.',
      example: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    }),
  })
  .meta({ id: 'WebhookSecret' })

export type Notify = z.infer<typeof Notify>
export type Delivery = z.infer<typeof Delivery>
export type NotificationStatus = z.infer<typeof NotificationStatus>
export type WebhookSecret = z.infer<typeof WebhookSecret>
