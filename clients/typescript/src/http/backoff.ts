/** The longest wait between two attempts, unless the service asks for more. */
const MAX_DELAY_MS = 20_000
const FIRST_DELAY_MS = 400

/**
 * Milliseconds to wait before attempt `attempt + 1`, counted from 1: doubling, with jitter so that clients which failed together
 * do not come back together. `retryAfter`: seconds that the service asked for, which are never shortened. Pure.
 */
export function backoffMs(attempt: number, retryAfter?: number, random = Math.random()): number {
  const delay = Math.min(FIRST_DELAY_MS * 2 ** (attempt - 1), MAX_DELAY_MS) * (0.5 + random / 2)
  return Math.max(delay, (retryAfter ?? 0) * 1000)
}

/** Resolves after `ms`; rejects with the reason of `signal` as soon as it is aborted. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted()
    const onAbort = () => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    }, ms)
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}
