import { randomUUID } from 'node:crypto'
import { type BackoffOptions, backoff } from '../backoff.ts'
import { encodePushEnvelope } from '../contract/job-message.ts'
import { CutroomError } from '../errors.ts'
import type { Logger } from '../observability/logger.ts'
import { PUSH_TIMEOUT_MS, type Queue } from './port.ts'
import { postPush } from './post-push.ts'

export type LocalQueueOptions = {
  /** Batch's address without a trailing slash; pushes go to /push below it. */
  batchUrl: string
  /** Sent to batch as a bearer token. */
  secret: string
  log: Logger
  /** Concurrent pushes. Should equal batch's job slots: more only tell batch what it will find by itself. */
  concurrency?: number
  /** Pushes per message, the first included. */
  maxAttempts?: number
  /** Delays between those pushes. */
  backoff?: BackoffOptions
  /** How long one push may stay open. */
  pushTimeoutMs?: number
}

/** With these delays, 12 attempts take about half a minute. */
const MAX_ATTEMPTS = 12
const BACKOFF: BackoffOptions = { baseMs: 200, maxMs: 5000, jitter: 0.5 }
/** Without 202, which some push queues do not accept as an acknowledgement. */
const ACKNOWLEDGED = new Set([200, 201, 204])

/**
 * The queue of local mode: keeps messages in memory, first in, first out, and POSTs to batch what Pub/Sub would. A job
 * that is already queued is not queued twice. A push that is not acknowledged is repeated after a delay, up to
 * `maxAttempts` times; after that, and after `close`, the job is left to the sweep.
 */
export function createLocalQueue(options: LocalQueueOptions): Queue {
  const { batchUrl, secret, log, concurrency = 4, maxAttempts = MAX_ATTEMPTS } = options
  const closing = new AbortController()
  /** Job ids in order of arrival, with the pushes made so far. */
  const waiting = new Map<string, number>()
  /** Job ids between two pushes, with the timer that queues them again. */
  const delayed = new Map<string, NodeJS.Timeout>()
  const inFlight = new Set<Promise<void>>()

  function enqueue(jobId: string, attempts: number) {
    if (!waiting.has(jobId)) waiting.set(jobId, attempts)
    pushWaiting()
  }

  function pushWaiting() {
    for (const [jobId, attempts] of waiting) {
      if (inFlight.size >= concurrency || closing.signal.aborted) return
      waiting.delete(jobId)
      const delivery = deliver(jobId, attempts + 1).finally(() => {
        inFlight.delete(delivery)
        pushWaiting()
      })
      inFlight.add(delivery)
    }
  }

  async function deliver(jobId: string, attempt: number) {
    const reply = await push(jobId, attempt)
    if (reply.acknowledged || closing.signal.aborted) return
    if (attempt >= maxAttempts) {
      log.warn('push given up, job left to the sweep', { jobId, attempt, ...reply })
      return
    }
    const delayMs = backoff(attempt, options.backoff ?? BACKOFF)
    log.debug('push not acknowledged', { jobId, attempt, delayMs, ...reply })
    enqueueLater(jobId, attempt, delayMs)
  }

  async function push(jobId: string, attempt: number) {
    const envelope = encodePushEnvelope(
      { job_id: jobId },
      { messageId: randomUUID(), publishedAt: new Date(), subscription: 'local', attempt },
    )
    const timeout = AbortSignal.timeout(options.pushTimeoutMs ?? PUSH_TIMEOUT_MS)
    try {
      const signal = AbortSignal.any([closing.signal, timeout])
      const status = await postPush(`${batchUrl}/push`, secret, envelope, signal)
      return { acknowledged: ACKNOWLEDGED.has(status), status }
    } catch (error) {
      return { acknowledged: false, error }
    }
  }

  function enqueueLater(jobId: string, attempts: number, delayMs: number) {
    // Published again while its push was open: that message is pushed next, and a second one would be redundant.
    if (waiting.has(jobId)) return
    clearTimeout(delayed.get(jobId))
    const timer = setTimeout(() => {
      delayed.delete(jobId)
      enqueue(jobId, attempts)
    }, delayMs)
    delayed.set(jobId, timer)
  }

  return {
    async publish(jobId) {
      if (closing.signal.aborted) {
        throw new CutroomError('queue.unavailable', `Could not publish job ${jobId}: the queue is closed.`)
      }
      // A delayed job is pushed soon anyway; pushing it now would undo the delay that batch asked for.
      if (!delayed.has(jobId)) enqueue(jobId, 0)
    },
    async close() {
      closing.abort()
      waiting.clear()
      for (const timer of delayed.values()) clearTimeout(timer)
      delayed.clear()
      await Promise.all(inFlight)
    },
  }
}
