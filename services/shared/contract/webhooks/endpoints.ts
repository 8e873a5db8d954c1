import { z } from 'zod'
import { EventType } from '../events/events.ts'

/** What is sent when nothing is chosen: what happens once to a task or an upload, and not its progress. */
const DEFAULT_TYPES = [
  'task.created',
  'task.running',
  'task.succeeded',
  'task.failed',
  'task.aborted',
  'upload.completed',
] as const satisfies EventType[]

const fields = {
  url: z
    .url({ protocol: /^https?$/, error: 'must be an https URL' })
    .max(2048)
    .meta({
      description: 'Events are POSTed to this https URL.',
      example: 'https://example.com/hooks/cutroom',
    }),
  types: z
    .array(EventType)
    .min(1)
    .max(20)
    .transform((types) => [...new Set(types)])
    .default([...DEFAULT_TYPES])
    .meta({
      description:
        'Which events are sent. By default all but `task.queued`, `task.progress` and `task.deleted`.',
      example: ['task.succeeded', 'task.failed'],
    }),
  description: z
    .string()
    .max(200)
    .default('')
    .meta({ description: 'A note for yourself.', example: 'production' }),
}

export const CreateWebhook = z.strictObject(fields).meta({ id: 'CreateWebhook' })
export type CreateWebhook = z.infer<typeof CreateWebhook>

export const ReplaceWebhook = z
  .strictObject({
    ...fields,
    enabled: z.boolean().default(true).meta({
      description:
        'While it is false, nothing is sent and new events are not queued. Tests and resends wait until it is true again.',
    }),
  })
  .meta({ id: 'ReplaceWebhook' })
export type ReplaceWebhook = z.infer<typeof ReplaceWebhook>

export const Webhook = z
  .object({
    id: z.uuid(),
    url: z.string(),
    types: z.array(EventType),
    description: z.string(),
    enabled: z.boolean(),
    disabled_reason: z.string().nullable().meta({
      description: 'The error code for which it was disabled: `notify.rejected` after a reply of 410.',
    }),
    previous_secret_until: z.iso.datetime().nullable().meta({
      description: 'Until when events are signed with the previous secret as well.',
    }),
    created_at: z.iso.datetime(),
  })
  .meta({ id: 'Webhook', description: 'An endpoint that events of the account are sent to.' })
export type Webhook = z.infer<typeof Webhook>

const secret = z.string().meta({
  description: 'Signs the events, in the format of Standard Webhooks. It is shown only in this reply.',
  example: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
})

export const NewWebhook = Webhook.extend({ secret }).meta({ id: 'NewWebhook' })

export const WebhookList = z.object({ webhooks: z.array(Webhook) }).meta({ id: 'WebhookList' })

export const RotateSecret = z
  .strictObject({
    overlap_seconds: z
      .int()
      .min(0)
      .max(7 * 86_400)
      .default(86_400)
      .meta({
        description: 'How long events are signed with the previous secret as well: a day by default.',
      }),
  })
  .meta({ id: 'RotateSecret' })
