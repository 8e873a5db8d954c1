import { z } from 'zod'
import { Metadata } from './tasks/metadata.ts'
import { TaskError, TaskOutput } from './tasks.ts'

/** The body of a webhook. It contains no links: the receiver fetches the task to get them. */
export const TaskEvent = z
  .object({
    type: z.enum(['task.succeeded', 'task.failed', 'task.aborted']),
    timestamp: z.iso.datetime().meta({ description: 'When the task finished.' }),
    data: z.object({
      id: z.uuid().meta({ description: 'Id of the task.' }),
      status: z.enum(['succeeded', 'failed', 'aborted']),
      error: TaskError.omit({ log_tail: true }).nullable(),
      outputs: z.array(
        TaskOutput.pick({
          name: true,
          content_type: true,
          bytes: true,
          seconds: true,
          width: true,
          height: true,
        }).strip(),
      ),
      metadata: Metadata.optional().meta({ description: 'Metadata of the task; left out when it has none.' }),
      finished_at: z.iso.datetime(),
    }),
  })
  .meta({ id: 'TaskEvent' })

/** The headers that Standard Webhooks defines for every delivery: https://www.standardwebhooks.com */
export const WebhookHeaders = z.object({
  'webhook-id': z.string().meta({
    description: 'Id of the event, the same for every attempt. Use it to discard duplicates.',
  }),
  'webhook-timestamp': z.string().meta({ description: 'When this attempt was made, in seconds since 1970.' }),
  'webhook-signature': z.string().meta({
    description:
      '`v1,` and the base64 HMAC-SHA256 of id, timestamp and body, keyed with the webhook signing secret.',
  }),
})

export type TaskEvent = z.infer<typeof TaskEvent>
