import type { NotFoundCode } from '#shared/contract/operation.ts'
import { CutroomError } from '#shared/errors.ts'

const DETAILS: Record<NotFoundCode, string> = {
  'task.not_found': 'Your account has no task with this id.',
  'upload.not_found': 'Your account has no upload with this id.',
  'session.not_found': 'Your account has no session with this id.',
  'key.not_found': 'Your account has no API key with this id.',
  'webhook.not_found': 'Your account has no webhook endpoint with this id.',
  'delivery.not_found': 'The webhook endpoint has no delivery with this id.',
}

/** The same error for something of another user, something that was removed, and something that never existed. */
export const notFound = (code: NotFoundCode): CutroomError => new CutroomError(code, DETAILS[code])
