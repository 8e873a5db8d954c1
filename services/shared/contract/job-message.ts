import { z } from 'zod'

/** The whole content of a queue message. Postgres holds everything else. */
export const JobMessage = z.object({ job_id: z.uuid() })
export type JobMessage = z.infer<typeof JobMessage>

/**
 * The body that Pub/Sub POSTs to a push endpoint; the local queue POSTs the same:
 * https://cloud.google.com/pubsub/docs/push#receive_push. `data` is the base64 of a JobMessage.
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

/** Wraps a message as Pub/Sub would for one delivery of it. */
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

/**
 * Reads the message inside an envelope.
 * @throws SyntaxError or ZodError when the data is not a JobMessage.
 */
export function decodePushEnvelope(envelope: PushEnvelope): JobMessage {
  return JobMessage.parse(JSON.parse(Buffer.from(envelope.message.data, 'base64').toString()))
}

/** A message as JSON bytes, before base64. */
export const encodeJobMessage = (message: JobMessage): Buffer => Buffer.from(JSON.stringify(message))
