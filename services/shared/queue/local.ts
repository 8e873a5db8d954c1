import { randomUUID } from 'node:crypto'
import { type BackoffOptions, backoff } from '../backoff.ts'
import { encodePushEnvelope } from '../contract/job-message.ts'
import { CutroomError } from '../errors.ts'
import type { Logger } from '../observability/logger.ts'
import type { Queue } from './port.ts'
import { postPush } from './post-push.ts'

export type LocalQueueOptions = {
  /** Where batch listens, without a slash at the end; pushes go to /push below it. */
  batchUrl: string
  /** Shown to batch as a bearer token. */
  secret: string
  log: Logger
  /** Pushes in flight at once. As many as batch takes at a time: more are answered 429 and rest for nothing. */
  concurrency?: number
  /** Pushes of one announcement, the first included. */
  maxAttempts?: number
  /** Delays between those pushes. */
  backoff?: BackoffOptions
  /** How long one push may stay open, in ms. */
  pushTimeoutMs?: number
}

/** Together, 12 attempts with these delays last about half a minute. */
const MAX_ATTEMPTS = 12
const BACKOFF: BackoffOptions = { baseMs: 200, maxMs: 5000, jitter: 0.5 }
/** As long as Pub/Sub holds a push open at most. */
const LONGEST_PUSH_MS = 600_000
/** 202 is missing on purpose: not every queue takes it for an acknowledgement. */
const ACKNOWLEDGED = new Set([200, 201, 204])

/**
 * A queue for one computer: keeps rings in memory, first come first served, and POSTs what Pub/Sub would. A job
 * already waiting is not queued twice. A push that is not acknowledged is made again after a rest, a bounded
 * number of times; after that, and after close, the sweep has to ring again.
 */
export function createLocalQueue(options: LocalQueueOptions): Queue {
  const { batchUrl, secret, log, concurrency = 4, maxAttempts = MAX_ATTEMPTS } = options
  const closing = new AbortController()
  /** Job id → pushes made so far. A Map keeps the order of arrival. */
  const waiting = new Map<string, number>()
  const resting = new Map<string, NodeJS.Timeout>()
  const inFlight = new Set<Promise<void>>()

  function enqueue(jobId: string, tried: number) {
    if (!waiting.has(jobId)) waiting.set(jobId, tried)
    pushWaiting()
  }

  function pushWaiting() {
    for (const [jobId, tried] of waiting) {
      if (inFlight.size >= concurrency || closing.signal.aborted) return
      waiting.delete(jobId)
      const delivery = deliver(jobId, tried + 1).finally(() => {
        inFlight.delete(delivery)
        pushWaiting()
      })
      inFlight.add(delivery)
    }
  }

  async function deliver(jobId: string, attempt: number) {
    const answer = await push(jobId, attempt)
    if (answer.acknowledged || closing.signal.aborted) return
    if (attempt >= maxAttempts) {
      log.warn('push given up, left to the sweep', { jobId, attempt, ...answer })
      return
    }
    const delayMs = backoff(attempt, options.backoff ?? BACKOFF)
    log.debug('push not acknowledged', { jobId, attempt, delayMs, ...answer })
    restThenEnqueue(jobId, attempt, delayMs)
  }

  async function push(jobId: string, attempt: number) {
    const envelope = encodePushEnvelope(
      { job_id: jobId },
      { messageId: randomUUID(), publishedAt: new Date(), subscription: 'local', attempt },
    )
    const tooLong = AbortSignal.timeout(options.pushTimeoutMs ?? LONGEST_PUSH_MS)
    try {
      const signal = AbortSignal.any([closing.signal, tooLong])
      const status = await postPush(`${batchUrl}/push`, secret, envelope, signal)
      return { acknowledged: ACKNOWLEDGED.has(status), status }
    } catch (error) {
      return { acknowledged: false, error }
    }
  }

  function restThenEnqueue(jobId: string, tried: number, rest: number) {
    // Rung again while its push was open: that ring is pushed next, and one more would say the same.
    if (waiting.has(jobId)) return
    clearTimeout(resting.get(jobId))
    const timer = setTimeout(() => {
      resting.delete(jobId)
      enqueue(jobId, tried)
    }, rest)
    resting.set(jobId, timer)
  }

  return {
    async publish(jobId) {
      if (closing.signal.aborted) {
        throw new CutroomError('queue.unavailable', `Job ${jobId} was not announced: the queue is closed.`)
      }
      // A resting job is pushed soon anyway; ringing it earlier would undo the rest that batch asked for.
      if (!resting.has(jobId)) enqueue(jobId, 0)
    },
    async close() {
      closing.abort()
      waiting.clear()
      for (const timer of resting.values()) clearTimeout(timer)
      resting.clear()
      await Promise.all(inFlight)
    },
  }
}
