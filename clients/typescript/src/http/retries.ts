import type { ApiError } from './api-error.ts'
import { backoffMs, sleep } from './backoff.ts'

/** How often something is tried. */
export type RetryOptions = {
  /** How often at most, the first time included; by default what the client was created with. `Infinity` tries until `signal` is aborted. */
  attempts?: number | undefined
  /** Called before each wait for another attempt, which takes `delayMs`. */
  onRetry?: ((error: ApiError, delayMs: number) => void) | undefined
  signal?: AbortSignal | undefined
}

/** Calls `action` until it succeeds, fails for good, or has been called `attempts` times. Its argument counts from 1. */
export async function withRetries<T>(
  action: (attempt: number) => Promise<T>,
  canRepeat: (error: unknown) => error is ApiError,
  { attempts = 1, onRetry, signal }: RetryOptions,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await action(attempt)
    } catch (error) {
      if (attempt >= attempts || !canRepeat(error)) throw error
      const delayMs = backoffMs(attempt, error.retryAfter)
      onRetry?.(error, delayMs)
      await sleep(delayMs, signal)
    }
  }
}
