import pRetry from 'p-retry'
import { asCutroomError } from '#shared/errors.ts'
import type { Logger } from '#shared/observability/logger.ts'

const RETRY_DELAY_MS = 250

/**
 * Records the outcome of a job, retrying while the database is unavailable: a restart takes seconds, the work took
 * minutes. That may be later than the lease lasts: no other worker can claim the job meanwhile, and if one does so before
 * this, the claim's attempt number keeps this from changing anything. Gives up after `timeoutMs`. `write` must be idempotent.
 *
 * @throws the last error of `write`; anything but `database.unavailable` at once
 */
export function persist<T>(write: () => Promise<T>, timeoutMs: number, log: Logger): Promise<T> {
  return pRetry(write, {
    retries: Number.POSITIVE_INFINITY,
    minTimeout: RETRY_DELAY_MS,
    factor: 1,
    maxRetryTime: timeoutMs,
    shouldRetry({ error }) {
      if (asCutroomError(error).code !== 'database.unavailable') return false
      log.warn('recording the outcome failed; retrying', { error })
      return true
    },
  })
}
