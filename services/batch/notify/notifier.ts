import { setTimeout as sleep } from 'node:timers/promises'
import { asCutroomError } from '#shared/errors.ts'
import type { Logger } from '#shared/observability/logger.ts'
import { notificationMetrics } from '#shared/observability/metrics.ts'
import type { ClaimedDelivery, DeliveryRepository } from '#shared/tasks/delivery-repository.ts'
import { deliveryFailed } from './errors.ts'
import { afterAttempt } from './retry-schedule.ts'

/** What a notifier can deliver. `taskId` is that of a notification about a task. */
type Deliverable = ClaimedDelivery & { channel: string; taskId?: string }

/**
 * Delivers a notification through one channel; resolves when the receiver has accepted it. Throws a CutroomError
 * whose `retry` says whether another attempt can help.
 */
export type Sender<Due extends Deliverable> = (due: Due, signal: AbortSignal) => Promise<void>

export type NotifierDeps<Due extends Deliverable> = {
  rows: DeliveryRepository<Due>
  /** Notifications of a channel without a sender are postponed: another instance may have one. */
  senders: Partial<Record<Due['channel'], Sender<Due>>>
  /** Whether a claim leaves what has to wait for the claimed ones: it is then repeated until there is nothing left. */
  inSequence?: boolean
  log: Logger
}

export type Notifier = {
  /**
   * Sends due notifications, up to a time limit, and returns how many were delivered. Throws when the database
   * cannot be read.
   */
  sendDue(): Promise<number>
  /**
   * Sends a few notifications that have never been tried, for a worker that has just ended a task. Resolves after a
   * few seconds at most, while slow deliveries continue. Never throws: the sweep sends repeats, and what failed here.
   */
  sendNew(): Promise<void>
  /** Gives deliveries in progress a moment to end, then aborts them. */
  close(): Promise<void>
}

/** How many notifications are sent at a time, by a sweep and by a worker. */
const CONCURRENCY = { sweep: 8, worker: 4 }
/**
 * When a sweep starts no further batch, how long a worker waits, and how long closing waits before and after it
 * aborts deliveries.
 */
const TIMEOUT_MS = { sweep: 20_000, worker: 3_000, close: 2_000 }

/** Creates what delivers notifications: at least once each, under a stable id, trying for about a day. */
export function createNotifier<Due extends Deliverable>({
  rows,
  senders,
  inSequence = false,
  log,
}: NotifierDeps<Due>): Notifier {
  const closing = new AbortController()
  const inProgress = new Set<Promise<boolean>>()

  async function sendBatch(limit: number, options?: { firstOnly: boolean }) {
    const due = await rows.claimDue(limit, options)
    const delivered = await Promise.all(due.map((notification) => track(deliver(notification))))
    return { claimed: due.length, delivered: delivered.filter(Boolean).length }
  }

  async function sendNewBatches() {
    const until = performance.now() + TIMEOUT_MS.worker
    let claimed: number
    do {
      ;({ claimed } = await sendBatch(CONCURRENCY.worker, { firstOnly: true }))
    } while (inSequence && claimed > 0 && performance.now() < until && !closing.signal.aborted)
  }

  /** Makes one attempt and records its result. Returns whether the notification was delivered. Never throws. */
  async function deliver(due: Due): Promise<boolean> {
    const { id, channel, taskId, attempt } = due
    const attemptLog = log.child({ notificationId: id, ...(taskId && { taskId }), channel, attempt })
    try {
      const failure = await send(due)
      const result = failure === undefined ? 'delivered' : await recordFailure(due, failure, attemptLog)
      if (result === 'delivered') {
        await rows.delivered(due)
        attemptLog.info('notification delivered')
      }
      notificationMetrics.attempts.inc({ channel, result })
      return result === 'delivered'
    } catch (error) {
      // Its lease expires, and it is sent again under the same id.
      attemptLog.warn('recording the result of a notification failed', { error })
      return false
    }
  }

  /** Returns what went wrong; undefined when the notification was delivered. */
  async function send(due: Due): Promise<unknown> {
    try {
      const sender = senders[due.channel as Due['channel']]
      if (!sender) throw deliveryFailed(`this instance has no sender for ${due.channel}`)
      await sender(due, closing.signal)
      return undefined
    } catch (error) {
      return error
    }
  }

  async function recordFailure(due: Due, thrown: unknown, attemptLog: Logger) {
    const error = asCutroomError(thrown)
    const { code, message, retry } = error
    const next = afterAttempt({ retry, attempt: due.attempt }, Math.random())
    if (next.kind === 'give_up') await rows.giveUp(due, code)
    else await rows.postpone(due, code, next.delayMs)
    // The cause may name the receiver's address, so it is logged only for bugs.
    const fields = { code, message, next: next.kind, ...(code === 'internal.bug' && { error }) }
    attemptLog.warn('notification failed', fields)
    return next.kind === 'give_up' ? 'given_up' : 'failed'
  }

  function track(delivery: Promise<boolean>): Promise<boolean> {
    const tracked = delivery.finally(() => inProgress.delete(tracked))
    inProgress.add(tracked)
    return tracked
  }

  return {
    async sendDue() {
      const until = performance.now() + TIMEOUT_MS.sweep
      let delivered = 0
      while (performance.now() < until && !closing.signal.aborted) {
        const batch = await sendBatch(CONCURRENCY.sweep)
        delivered += batch.delivered
        if (batch.claimed < (inSequence ? 1 : CONCURRENCY.sweep)) break
      }
      return delivered
    },

    async sendNew() {
      if (closing.signal.aborted) return
      try {
        await settledWithin(TIMEOUT_MS.worker, sendNewBatches())
      } catch (error) {
        log.warn('sending new notifications failed; the sweep will retry', { error })
      }
    },

    async close() {
      await settledWithin(TIMEOUT_MS.close, Promise.all(inProgress))
      closing.abort()
      await settledWithin(TIMEOUT_MS.close, Promise.all(inProgress))
    },
  }
}

/** Waits for work for at most `ms`. After that the work continues, and its errors are ignored. */
async function settledWithin(ms: number, work: Promise<unknown>): Promise<void> {
  const timer = new AbortController()
  work.catch(() => undefined)
  try {
    await Promise.race([work, sleep(ms, undefined, { signal: timer.signal }).catch(() => undefined)])
  } finally {
    timer.abort()
  }
}
