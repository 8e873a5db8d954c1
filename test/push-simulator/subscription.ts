import { randomUUID } from 'node:crypto'
import { encodePushEnvelope, type JobMessage, type PushEnvelope } from '#shared/contract/job-message.ts'
import { type DeliverySettings, verdictOf, windowAfter } from './delivery.ts'

/** Sends one push; returns the status of its reply. Rejects when there is none. */
export type Push = (envelope: PushEnvelope, signal: AbortSignal) => Promise<number>

export type SubscriptionOptions = {
  name: string
  settings: DeliverySettings
  push: Push
  /** Called with a message that used up its deliveries. */
  onDeadLetter?: (message: JobMessage, deliveries: number) => void
  /** Returns numbers in [0, 1); the only source of randomness. */
  random: () => number
}

/** Counts so far. `refused` is by status, 0 for no reply; `late` counts replies after the deadline. */
export type Tally = {
  published: number
  pushes: number
  acknowledged: number
  refused: Record<string, number>
  expired: number
  late: number
  deadLettered: number
  maxInFlight: number
}

type Delivery = { message: JobMessage; messageId: string; publishedAt: Date; attempt: number }

/**
 * A push subscription as in Pub/Sub: at-least-once, unordered; a message is delivered again after every reply other than
 * an acknowledgement, and when its deadline passes although the first push is still open.
 */
export function createSubscription({ name, settings, push, onDeadLetter, random }: SubscriptionOptions) {
  const ready: Delivery[] = []
  const delayed = new Set<NodeJS.Timeout>()
  const closing = new AbortController()
  const tally: Tally = {
    published: 0,
    pushes: 0,
    acknowledged: 0,
    refused: {},
    expired: 0,
    late: 0,
    deadLettered: 0,
    maxInFlight: 0,
  }
  let inFlight = 0
  let window = settings.slowStart ? 1 : settings.concurrency

  function publish(message: JobMessage): string {
    const messageId = randomUUID()
    tally.published += 1
    for (let copy = 0; copy < settings.copies; copy += 1) {
      const delivery = { message, messageId, publishedAt: new Date(), attempt: 0 }
      // Duplicates come in pairs at the same moment, the pairs some time apart.
      const delay = settings.delayMs * (copy < 2 ? random() : Math.floor(copy / 2))
      deliverAfter(delay, delivery)
    }
    return messageId
  }

  function deliverAfter(ms: number, delivery: Delivery): void {
    if (closing.signal.aborted) return
    if (ms <= 0) {
      ready.push(delivery)
      queueMicrotask(pushReady)
      return
    }
    const timer = setTimeout(() => {
      delayed.delete(timer)
      deliverAfter(0, delivery)
    }, ms)
    delayed.add(timer)
  }

  function pushReady(): void {
    while (ready.length > 0 && inFlight < window && !closing.signal.aborted) {
      const index = settings.reorder ? Math.floor(random() * ready.length) : 0
      const [delivery] = ready.splice(index, 1)
      if (delivery) void deliver(delivery)
    }
  }

  async function deliver(delivery: Delivery): Promise<void> {
    delivery.attempt += 1
    tally.pushes += 1
    inFlight += 1
    tally.maxInFlight = Math.max(tally.maxInFlight, inFlight)
    const status = await reply(delivery)
    inFlight -= 1
    if (closing.signal.aborted) return
    const verdict = verdictOf(status, delivery.attempt, settings, random())
    window = windowAfter(window, verdict, settings)
    if (verdict.kind === 'acknowledged') tally.acknowledged += 1
    else if (status !== undefined) tally.refused[status] = (tally.refused[status] ?? 0) + 1
    if (verdict.kind === 'retry') deliverAfter(verdict.delayMs, delivery)
    if (verdict.kind === 'dead-lettered') {
      tally.deadLettered += 1
      onDeadLetter?.(delivery.message, delivery.attempt)
    }
    pushReady()
  }

  /** The status of the reply, 0 for a connection that broke, undefined once the deadline has passed. */
  function reply({ message, attempt, messageId, publishedAt }: Delivery): Promise<number | undefined> {
    const envelope = encodePushEnvelope(message, { messageId, publishedAt, subscription: name, attempt })
    const answer = push(envelope, closing.signal).catch(() => 0)
    return new Promise((resolve) => {
      let over = false
      const deadline = setTimeout(() => {
        over = true
        tally.expired += 1
        resolve(undefined)
      }, settings.ackDeadlineMs)
      void answer.then((status) => {
        clearTimeout(deadline)
        if (over) tally.late += 1
        resolve(status)
      })
    })
  }

  return {
    publish,
    tally: (): Tally => ({ ...tally, refused: { ...tally.refused } }),
    /** Deliveries that are ready, delayed or in flight. */
    outstanding: () => ready.length + delayed.size + inFlight,
    /** Drops all deliveries and cancels the pushes in flight. */
    close() {
      closing.abort()
      for (const timer of delayed) clearTimeout(timer)
      delayed.clear()
      ready.length = 0
    },
  }
}
