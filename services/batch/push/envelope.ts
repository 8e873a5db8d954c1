import { z } from 'zod'
import { decodePushEnvelope, PushEnvelope } from '#shared/contract/job-message.ts'

/** A push that was read: its job, the queue's id of the message, and the span that published it. Or why it could not be read. */
export type PushContent =
  | { jobId: string; messageId: string; deliveryAttempt: number | undefined; traceparent?: string }
  | { unreadable: string }

/**
 * Reads the body of a push: text, bytes, or parsed JSON. Never throws.
 *
 * Log and acknowledge an unreadable push: it would be just as unreadable the next time, also as a dead letter. No
 * task depends on it, because the sweep republishes every waiting job whatever became of its messages.
 */
export function readPush(body: unknown): PushContent {
  try {
    const envelope = PushEnvelope.parse(isText(body) ? JSON.parse(String(body)) : body)
    const { messageId, attributes } = envelope.message
    return {
      jobId: decodePushEnvelope(envelope).job_id,
      messageId,
      deliveryAttempt: envelope.deliveryAttempt,
      ...(attributes?.traceparent && { traceparent: attributes.traceparent }),
    }
  } catch (error) {
    return { unreadable: toReason(error) }
  }
}

const isText = (body: unknown) => typeof body === 'string' || body instanceof Uint8Array

/** Names the invalid fields but not their values, which may hold anything and do not belong in the log. */
function toReason(error: unknown): string {
  if (!(error instanceof z.ZodError)) return 'not JSON'
  return error.issues.map(({ path, code }) => `${path.join('.') || 'body'}: ${code}`).join(', ')
}
