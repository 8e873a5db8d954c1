import { CutroomError } from '#shared/errors.ts'

/** A `notify.failed`: another attempt may go better. Says neither to whom nor where. */
export const notTaken = (why: string, cause?: unknown) =>
  new CutroomError('notify.failed', `The notification was not taken: ${why}.`, { cause })

/** A `notify.rejected`: the receiver will not have it, now or later. */
export const rejected = (why: string, cause?: unknown) =>
  new CutroomError('notify.rejected', `The receiver wants no notification: ${why}.`, { cause })

/** A `notify.refused`: the address is none that we call. */
export const notCalled = (why: string, cause?: unknown) =>
  new CutroomError('notify.refused', `The webhook is not called: ${why}.`, { cause })
