import { CutroomError } from '#shared/errors.ts'

// The messages name neither the receiver nor its address: they reach the log and the task's owner.

/** A `notify.failed`: another attempt may succeed. */
export const deliveryFailed = (reason: string, cause?: unknown) =>
  new CutroomError('notify.failed', `The notification could not be delivered: ${reason}.`, { cause })

/** A `notify.rejected`: the receiver does not accept the notification, now or later. */
export const deliveryRejected = (reason: string, cause?: unknown) =>
  new CutroomError('notify.rejected', `The receiver rejected the notification: ${reason}.`, { cause })

/** A `notify.refused`: Cutroom does not call this URL. */
export const webhookRefused = (reason: string, cause?: unknown) =>
  new CutroomError('notify.refused', `The webhook URL is not allowed: ${reason}.`, { cause })
