import { z } from 'zod'
import { decodePushEnvelope, PushEnvelope } from '#shared/contract/job-message.ts'

/** What a push says: the job to work on and the queue's own name for the message, or why it says nothing. */
export type PushContent =
  | { jobId: string; messageId: string; deliveryAttempt: number | undefined }
  | { unreadable: string }

/**
 * Reads the body of a push: the text or bytes of it, or JSON already parsed. Never throws.
 *
 * A push that cannot be read is to be logged and acknowledged. It would be no more readable the next time, and
 * dead letters are read by the same eyes; no task hangs on it either, because the sweep rings every job that
 * is still waiting, whatever became of its messages.
 */
export function readPush(body: unknown): PushContent {
  try {
    const envelope = PushEnvelope.parse(isText(body) ? JSON.parse(String(body)) : body)
    return {
      jobId: decodePushEnvelope(envelope).job_id,
      messageId: envelope.message.messageId,
      deliveryAttempt: envelope.deliveryAttempt,
    }
  } catch (error) {
    return { unreadable: describe(error) }
  }
}

const isText = (body: unknown) => typeof body === 'string' || body instanceof Uint8Array

/** Names the wrong fields and not their values: what strangers put in there is nothing for the log. */
function describe(error: unknown): string {
  if (!(error instanceof z.ZodError)) return 'not JSON'
  return error.issues.map(({ path, code }) => `${path.join('.') || 'body'}: ${code}`).join(', ')
}
