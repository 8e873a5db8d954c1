/**
 * The request of a push: how long it can stay open, and how much of that a job may need, in ms. `firstMs`: for how long the first
 * request after a quiet time claims further jobs, in ms; each that follows, for twice as long.
 */
export type RequestBound = { timeoutMs: number; jobMs: number; firstMs?: number }

/** What stopping ffmpeg and recording the outcome may take after a job's deadline. */
const RECORDING_MS = 15_000

/** Without a request for so long, the next one is the first again: a subscription may have closed its window meanwhile. */
const QUIET_MS = 120_000

/**
 * Returns a function to call when a request begins. The function that it returns tells whether that request still has time for
 * another job. Pub/Sub's window opens with each acknowledgement, so the first requests end soon; later ones, of which there are
 * then enough, work off the backlog: docs/decisions/0034-requests-end-early-at-first.md.
 */
export function createRequestTimes({ timeoutMs, jobMs, firstMs }: RequestBound): () => () => boolean {
  const mostMs = timeoutMs - jobMs - RECORDING_MS
  let nextMs = mostMs
  let lastAt = Number.NEGATIVE_INFINITY
  return () => {
    const now = performance.now()
    if (now - lastAt > QUIET_MS) nextMs = firstMs ?? mostMs
    lastAt = now
    const lastStart = now + Math.min(mostMs, nextMs)
    nextMs *= 2
    return () => performance.now() <= lastStart
  }
}
