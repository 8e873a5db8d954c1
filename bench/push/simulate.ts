/**
 * A simulation, not a measurement: what Pub/Sub's documented behaviour does to a backlog. Jobs take the time that they are given;
 * claims, replies and the start of instances take none. Comments tell what is documented and what is assumed.
 */
import { createRandom } from '#test/chaos/random.ts'
import { type DeliverySettings, verdictOf, windowAfter } from '#test/push-simulator/delivery.ts'
import { type Clock, createClock } from './clock.ts'
import { createPushBackoff } from './push-backoff.ts'

/** A task of one job: when it is created and how long it takes, in seconds. */
export type SimulatedTask = { at: number; user: string; seconds: number }

/**
 * How jobs get to slots: `push`, as the product does on Cloud Run services: a push takes a slot, which then claims one job after the
 * other while its request has time for a whole one; `push-each`: a push is one job; `pull`: workers claim whenever a slot is free.
 */
export type Way = 'push' | 'push-each' | 'pull'

export type Scenario = {
  tasks: SimulatedTask[]
  slots: number
  way: Way
  delivery?: Partial<Delivery>
  /** For how long a request claims further jobs, in seconds; by default as the product, for longer from one to the next. */
  claimsForS?: number | undefined
  seed?: number
}

export type Outcome = {
  /** When the last task had ended, in seconds. */
  endedS: number
  /** Share of the slots' time until then that was spent on jobs. */
  busy: number
  /** From its creation to its start, of each task in the order of the scenario, in seconds. */
  waitsS: number[]
  pushes: number
  /** Pushes answered with 429, because all slots were in use. */
  refused: number
  deadLettered: number
}

/** How the subscription delivers; times in ms. `firstWindow`: pushes in flight at once before the first reply. */
export type Delivery = Pick<
  DeliverySettings,
  'ackDeadlineMs' | 'minBackoffMs' | 'maxBackoffMs' | 'maxDeliveryAttempts' | 'concurrency' | 'slowStart'
> & { firstWindow: number }

/** As in terraform/queue.tf, and documented: https://cloud.google.com/pubsub/docs/push, …/handling-failures. */
const PUBSUB: Delivery = {
  ackDeadlineMs: 600_000,
  minBackoffMs: 10_000,
  maxBackoffMs: 600_000,
  maxDeliveryAttempts: 100,
  concurrency: 3000,
  slowStart: true,
  firstWindow: 1,
}

/**
 * The product's: a request has time for a whole job while it is younger than this (request-time.ts: 600 - 540 - 15), and the first
 * requests of an instance end sooner.
 */
const CLAIMS_FOR_S = 45
const FIRST_CLAIMS_FOR_S = 3
const SLOTS_PER_INSTANCE = 2
/** A waiting job is published again (REPUBLISH_AFTER_SECONDS), by sweeps of some instances every 15 s, up to 200 jobs each. */
const REPUBLISH_AFTER_S = 30
const SWEEP_S = 5
const JOBS_PER_SWEEP = 200
/** A slot that ends with its request publishes the job that has waited longest, if it has for so long. */
const LONG_WAIT_S = 5

type Message = { job: number; attempt: number }

/** Lets all tasks be worked on. Deterministic: `seed` decides the jitter of back-offs. */
export function simulate({ tasks, slots, way, delivery, claimsForS, seed = 1 }: Scenario): Outcome {
  const clock = createClock()
  const jobs = createJobs(tasks, clock)
  let free = slots
  const instances = Array.from({ length: Math.ceil(slots / SLOTS_PER_INSTANCE) }, () => ({
    used: 0,
    begin: requestLength(claimsForS),
  }))

  /** Works on the next job, then calls `then`; false when there is none. */
  function tryWork(then: () => void): boolean {
    const job = jobs.claim()
    if (job === undefined) return false
    clock.at(clock.now() + (tasks[job]?.seconds ?? 0), () => {
      jobs.end(job)
      then()
    })
    return true
  }

  function pull() {
    while (free > 0 && tryWork(release)) free -= 1
  }
  function release() {
    free += 1
    pull()
  }

  /** Takes a slot for a push; undefined when none is free. Calls `reply` with the status, at once when no job is ready. */
  function serve(reply: (status: number) => void): void {
    if (free === 0) {
      reply(429)
      return
    }
    free -= 1
    // Cloud Run fills one instance after the other: the worst case, in which few instances see many requests.
    const instance = instances.find(({ used }) => used < SLOTS_PER_INSTANCE)
    if (!instance) throw new Error('A slot is free on no instance.')
    instance.used += 1
    const lastClaim = clock.now() + (way === 'push' ? instance.begin() : 0)
    const end = (isOutOfTime: boolean) => {
      free += 1
      instance.used -= 1
      if (isOutOfTime) {
        const waiting = jobs.longestWaiting()
        if (waiting !== undefined) queue.publish(waiting)
      }
      reply(204)
    }
    const next = () => {
      if (way === 'push-each' || clock.now() > lastClaim) return end(way === 'push')
      if (!tryWork(next)) end(false)
    }
    if (!tryWork(next)) end(false)
  }

  const queue = createSubscription(clock, serve, { ...PUBSUB, ...delivery }, seed)
  for (const [job, { at }] of tasks.entries()) {
    clock.at(at, () => {
      jobs.add(job)
      if (way === 'pull') pull()
      else queue.publish(job)
    })
  }
  const sweep = () => {
    for (const job of jobs.dueForPublish(JOBS_PER_SWEEP)) queue.publish(job)
    if (!jobs.allEnded()) clock.at(clock.now() + SWEEP_S, sweep)
  }
  if (way !== 'pull') sweep()
  clock.run()
  const work = tasks.reduce((sum, { seconds }) => sum + seconds, 0)
  return { ...queue.counts, ...jobs.outcome(), busy: work / slots / jobs.outcome().endedS }
}

/** For how long each request of an instance claims further jobs, in seconds. */
function requestLength(claimsForS: number | undefined): () => number {
  if (claimsForS !== undefined) return () => claimsForS
  let next = FIRST_CLAIMS_FOR_S
  return () => {
    const length = Math.min(CLAIMS_FOR_S, next)
    next *= 2
    return length
  }
}

/** The table of jobs, in the product's claim order: users with the fewest running jobs first, then whoever was served longest ago. */
function createJobs(tasks: SimulatedTask[], clock: Clock) {
  const users = new Map<string, { waiting: number[]; running: number; servedAt: number }>()
  const publishAt = new Map<number, number>()
  const waitsS = tasks.map(() => Number.NaN)
  let [left, endedS] = [tasks.length, 0]
  const userOf = (job: number) => {
    const name = tasks[job]?.user ?? ''
    const user = users.get(name) ?? { waiting: [], running: 0, servedAt: -1 }
    users.set(name, user)
    return user
  }
  return {
    add(job: number) {
      userOf(job).waiting.push(job)
      publishAt.set(job, clock.now() + REPUBLISH_AFTER_S)
    },
    claim(): number | undefined {
      const [user] = [...users.values()]
        .filter(({ waiting }) => waiting.length > 0)
        .toSorted((a, b) => a.running - b.running || a.servedAt - b.servedAt)
      const job = user?.waiting.shift()
      if (!user || job === undefined) return undefined
      user.running += 1
      user.servedAt = clock.now()
      publishAt.delete(job)
      waitsS[job] = clock.now() - (tasks[job]?.at ?? 0)
      return job
    },
    end(job: number) {
      userOf(job).running -= 1
      left -= 1
      endedS = clock.now()
    },
    /** Jobs that have not been published for a while, and are from now on. */
    dueForPublish(limit: number): number[] {
      const due = [...publishAt].filter(([, at]) => at <= clock.now()).slice(0, limit)
      for (const [job] of due) publishAt.set(job, clock.now() + REPUBLISH_AFTER_S)
      return due.map(([job]) => job)
    },
    longestWaiting(): number | undefined {
      const isLong = (job: number) => (tasks[job]?.at ?? 0) < clock.now() - LONG_WAIT_S
      const [job] = [...publishAt.keys()].filter(isLong)
      if (job !== undefined) publishAt.set(job, clock.now() + REPUBLISH_AFTER_S)
      return job
    },
    allEnded: () => left === 0,
    outcome: () => ({ endedS, waitsS }),
  }
}

/** A push subscription: slow start, retry policy of each message, dead letters, and the back-off of the subscription as a whole. */
function createSubscription(
  clock: Clock,
  serve: (reply: (status: number) => void) => void,
  delivery: Delivery,
  seed: number,
) {
  const random = createRandom(seed)
  const backoff = createPushBackoff()
  const ready: Message[] = []
  const counts = { pushes: 0, refused: 0, deadLettered: 0 }
  let [window, inFlight, lastPush, isScheduled] = [delivery.firstWindow, 0, Number.NEGATIVE_INFINITY, false]

  function deliver() {
    while (!isScheduled && inFlight < window) {
      const earliest = lastPush + backoff.delayS(clock.now())
      if (ready.length > 0 && clock.now() < earliest) return deliverAt(earliest)
      const message = ready.shift()
      if (!message) return
      push(message)
    }
  }
  function deliverAt(time: number) {
    isScheduled = true
    clock.at(time, () => {
      isScheduled = false
      deliver()
    })
  }

  function push(message: Message) {
    const openedAt = clock.now()
    lastPush = openedAt
    inFlight += 1
    counts.pushes += 1
    let isSettled = false
    const settle = (status: number | undefined) => {
      if (isSettled) return
      isSettled = true
      inFlight -= 1
      if (status === 429) counts.refused += 1
      const verdict = verdictOf(status, message.attempt, delivery, random.next())
      window = windowAfter(window, verdict, delivery)
      if (verdict.kind !== 'acknowledged') backoff.refused(clock.now())
      if (verdict.kind === 'dead-lettered') counts.deadLettered += 1
      if (verdict.kind === 'retry') {
        clock.at(clock.now() + verdict.delayMs / 1000, () =>
          add({ ...message, attempt: message.attempt + 1 }),
        )
      }
      clock.at(clock.now(), deliver)
    }
    serve(settle)
    if (!isSettled) clock.at(openedAt + delivery.ackDeadlineMs / 1000, () => settle(undefined))
  }

  function add(message: Message) {
    ready.push(message)
    deliver()
  }
  return { counts, publish: (job: number) => clock.at(clock.now(), () => add({ job, attempt: 1 })) }
}
