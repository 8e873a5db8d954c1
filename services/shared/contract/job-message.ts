import { z } from 'zod'

/** All that a message carries. Postgres knows the rest. */
export const JobMessage = z.object({ job_id: z.uuid() })
export type JobMessage = z.infer<typeof JobMessage>

/**
 * What Pub/Sub POSTs to a push endpoint, and what the local queue POSTs in its place:
 * https://cloud.google.com/pubsub/docs/push#receive_push. `data` is base64 of a JobMessage.
 */
export const PushEnvelope = z.object({
  message: z.object({
    data: z.base64(),
    messageId: z.string(),
    publishTime: z.string().optional(),
    attributes: z.record(z.string(), z.string()).optional(),
  }),
  subscription: z.string(),
  deliveryAttempt: z.number().int().optional(),
})
export type PushEnvelope = z.infer<typeof PushEnvelope>

/** Puts a message into an envelope; `delivery` says what is written on it. */
export function encodePushEnvelope(
  message: JobMessage,
  delivery: { messageId: string; publishedAt: Date; subscription: string; attempt: number },
): PushEnvelope {
  return {
    message: {
      data: encodeJobMessage(message).toString('base64'),
      messageId: delivery.messageId,
      publishTime: delivery.publishedAt.toISOString(),
    },
    subscription: delivery.subscription,
    deliveryAttempt: delivery.attempt,
  }
}

/** The message inside an envelope. Throws a SyntaxError or ZodError when it is not one of ours. */
export function decodePushEnvelope(envelope: PushEnvelope): JobMessage {
  return JobMessage.parse(JSON.parse(Buffer.from(envelope.message.data, 'base64').toString()))
}

/** The bytes of a message, before any base64. */
export const encodeJobMessage = (message: JobMessage): Buffer => Buffer.from(JSON.stringify(message))
