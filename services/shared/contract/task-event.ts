import { z } from 'zod'
import { TaskError, TaskOutput } from './tasks.ts'

/** What a webhook is sent when its task has ended. It holds no links: the receiver asks getTask for them. */
export const TaskEvent = z
  .object({
    type: z.enum(['task.succeeded', 'task.failed', 'task.aborted']),
    timestamp: z.iso.datetime().meta({ description: 'When the task ended.' }),
    data: z.object({
      id: z.uuid(),
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
      finished_at: z.iso.datetime(),
    }),
  })
  .meta({ id: 'TaskEvent' })

/** What Standard Webhooks puts into the headers of every delivery: https://www.standardwebhooks.com */
export const WebhookHeaders = z.object({
  'webhook-id': z.string().meta({
    description: 'The same for every repeat of a delivery: what came twice is known by it.',
  }),
  'webhook-timestamp': z.string().meta({ description: 'When this attempt was made, in seconds since 1970.' }),
  'webhook-signature': z.string().meta({
    description: 'v1, and the HMAC-SHA256 of id, timestamp and body under the secret of webhookSecret.',
  }),
})

export type TaskEvent = z.infer<typeof TaskEvent>
