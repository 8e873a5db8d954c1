import { setTimeout as sleep } from 'node:timers/promises'
import { asCutroomError } from '#shared/errors.ts'
import type { Logger } from '#shared/observability/logger.ts'
import { notificationMetrics } from '#shared/observability/metrics.ts'
import type { DueNotification, NotificationRepository } from '#shared/tasks/notification-repository.ts'
import type { Channel } from '#shared/tasks/rows.ts'
import { notTaken } from './errors.ts'
import { afterAttempt } from './retry-schedule.ts'

/** Resolves when the receiver has it. Throws a CutroomError whose `retry` says whether another attempt can help. */
export type Sender = (due: DueNotification, signal: AbortSignal) => Promise<void>

export type NotifierDeps = {
  rows: NotificationRepository
  /** A channel without a sender is tried again later: an instance that has one may come. */
  senders: Partial<Record<Channel, Sender>>
  log: Logger
}

export type Notifier = {
  /** Sends what is due, a bounded amount of it; gives how many were delivered. Throws when the rows cannot be had. */
  sendDue(): Promise<number>
  /**
   * Sends a few of those that have just fallen due, for a worker that has ended a task. Resolves after some seconds
   * at most, with what takes longer still under way, and never throws: the sweep has repeats and whatever goes wrong.
   */
  sendSome(): Promise<void>
  /** Lets what is under way come to its end for a while, then breaks it off. */
  close(): Promise<void>
}

/** Sent side by side, by a sweep and by a worker. */
const atOnce = { sweep: 8, worker: 4 }
/** When a sweep begins no more, how long a worker waits, how long the end of the process waits. */
const limitMs = { sweep: 20_000, worker: 3_000, close: 2_000 }

/** Tells owners how their tasks ended: at least once each, under an id that stays, for about a day. */
export function createNotifier({ rows, senders, log }: NotifierDeps): Notifier {
  const closing = new AbortController()
  const underWay = new Set<Promise<boolean>>()

  async function sendBatch(most: number, options?: { firstOnly: boolean }) {
    const due = await rows.claimDue(most, options)
    const sent = await Promise.all(due.map((one) => track(attempt(one))))
    return { taken: due.length, delivered: sent.filter(Boolean).length }
  }

  async function attempt(due: DueNotification): Promise<boolean> {
    const { id, channel, taskId } = due
    const own = log.child({ notificationId: id, taskId, channel, attempt: due.attempt })
    try {
      const failure = await send(due)
      const result = failure === undefined ? 'delivered' : await recordFailure(due, failure, own)
      if (result === 'delivered') {
        await rows.delivered(due)
        own.info('notification delivered')
      }
      notificationMetrics.attempts.inc({ channel, result })
      return result === 'delivered'
    } catch (error) {
      // Its lease runs out and it is sent again, under the same id.
      own.warn('what became of a notification could not be written down', { error })
      return false
    }
  }

  /** What went wrong, if anything did. */
  async function send(due: DueNotification): Promise<unknown> {
    try {
      const sender = senders[due.channel]
      if (!sender) throw notTaken(`nothing here sends ${due.channel}`)
      await sender(due, closing.signal)
      return undefined
    } catch (error) {
      return error
    }
  }

  async function recordFailure(due: DueNotification, thrown: unknown, own: Logger) {
    const error = asCutroomError(thrown)
    const { code, message, retry } = error
    const step = afterAttempt({ retry, attempt: due.attempt }, Math.random())
    if (step.kind === 'give_up') await rows.giveUp(due, code)
    else await rows.postpone(due, code, step.delayMs)
    // Causes name addresses; only a bug's is for the log.
    const fields = { code, message, next: step.kind, ...(code === 'internal.bug' && { error }) }
    own.warn('notification failed', fields)
    return step.kind === 'give_up' ? 'given_up' : 'failed'
  }

  function track(work: Promise<boolean>): Promise<boolean> {
    const tracked = work.finally(() => underWay.delete(tracked))
    underWay.add(tracked)
    return tracked
  }

  return {
    async sendDue() {
      const until = performance.now() + limitMs.sweep
      let delivered = 0
      while (performance.now() < until && !closing.signal.aborted) {
        const batch = await sendBatch(atOnce.sweep)
        delivered += batch.delivered
        if (batch.taken < atOnce.sweep) break
      }
      return delivered
    },

    async sendSome() {
      if (closing.signal.aborted) return
      try {
        await within(limitMs.worker, sendBatch(atOnce.worker, { firstOnly: true }))
      } catch (error) {
        log.warn('notifications were left to the sweep', { error })
      }
    },

    async close() {
      await within(limitMs.close, Promise.all(underWay))
      closing.abort()
      await within(limitMs.close, Promise.all(underWay))
    },
  }
}

/** Waits for work, but no longer than this; work goes on, and fails unheard. */
async function within(ms: number, work: Promise<unknown>): Promise<void> {
  const timer = new AbortController()
  work.catch(() => undefined)
  await Promise.race([work, sleep(ms, undefined, { signal: timer.signal }).catch(() => undefined)])
  timer.abort()
}
