import type { Logger } from '#shared/observability/logger.ts'
import { jobMetrics } from '#shared/observability/metrics.ts'
import type { PushOutcome } from '../push/reply.ts'
import { createRequestTimes, type RequestBound } from '../push/request-time.ts'
import type { JobSlots, Slot } from './job-slots.ts'
import type { Maintenance } from './maintenance.ts'

export type { RequestBound } from '../push/request-time.ts'

/**
 * Works on jobs in the slots of this process. A slot that is taken, for a push or because of `wake`, claims one job
 * after another until none is ready, so that a backlog needs no further pushes. Why pushes are answered as they are:
 * docs/decisions/0018-workers-claim-by-themselves.md.
 */
export type ClaimLoop = {
  /**
   * Works on a job if a slot is free; returns what became of the push that announced it. Jobs that the slot claims
   * afterwards do not change that outcome.
   *
   * @throws what `process` throws, when the outcome could not be recorded
   */
  run(jobId: string): Promise<PushOutcome>
  /** Tells that jobs may be ready: all free slots try to claim one. */
  wake(): void
  /** Claims jobs until none is ready and none is running, or until claiming is stopped or paused. */
  workOff(): Promise<void>
  /** Resolves when no job is running. */
  drained(): Promise<void>
}

export type ClaimLoopDeps = {
  slots: JobSlots
  /** Claims a job and works on it, in a slot. Without an announced job, the outcome is `none` when there is nothing to claim. */
  process(jobId: string | undefined, slot: Slot): Promise<PushOutcome>
  maintenance: Pick<Maintenance, 'republishWaiting' | 'sendNewNotifications'>
  /**
   * Set where a process may work only as long as a request is open, as on Cloud Run: a slot then works within its
   * request, and `wake` is not called.
   */
  requestBound?: RequestBound | undefined
  log: Logger
}

/**
 * Pause of a worker whose disk is full. Its attempts fail faster than those of others succeed, so without a pause
 * its slots would always be the free ones, and would attract every job.
 */
const NO_FREE_SPACE_PAUSE_MS = 5_000

/** Outcomes after which the task has ended, also when it was aborted meanwhile. */
const TASK_ENDED = new Set<PushOutcome>(['done', 'failed', 'finished'])

/** Outcomes that mean that no job was ready. */
const NOTHING_READY = new Set<PushOutcome>(['none', 'duplicate', 'unknown', 'reserved'])

/** Outcomes of claims that nobody asked for, and of pushes that are answered otherwise. */
const NOT_COUNTED = new Set<PushOutcome>(['none', 'reserved'])

/** Outcomes of pushes that mostly led to no attempt: their durations would hide those of attempts. */
const NOT_TIMED = new Set<PushOutcome | undefined>([...NOTHING_READY, 'finished'])

/** Claims jobs until `stopping` is aborted. */
export function createClaimLoop(deps: ClaimLoopDeps, stopping: AbortSignal): ClaimLoop {
  const { slots, process, maintenance, requestBound, log } = deps
  /** Counts the hints that jobs may be ready. A claim that found none may have begun before the last hint. */
  let hints = 0
  let notifying = Promise.resolve()
  const beginRequest = requestBound ? createRequestTimes(requestBound) : () => always

  async function runOne(slot: Slot, jobId?: string): Promise<PushOutcome> {
    // A job may have taken more slots than one.
    const outcome = await measured(() => process(jobId, slot)).finally(() => slot.narrow())
    if (outcome === 'no_free_space') slots.pause(NO_FREE_SPACE_PAUSE_MS, requestBound ? undefined : wake)
    // Beside the next job: a slow receiver of webhooks must not occupy the slot.
    if (TASK_ENDED.has(outcome)) notifying = settled(notifying, maintenance.sendNewNotifications())
    return outcome
  }

  /** Continues after a job, until no job is ready or this slot must stop. Never throws. */
  async function continueAfter(
    slot: Slot,
    job: Promise<PushOutcome>,
    isTimeLeft: () => boolean,
  ): Promise<void> {
    try {
      let seen = hints
      let outcome = await job
      while (!stopping.aborted && !(NOTHING_READY.has(outcome) && seen === hints)) {
        if (slots.isPaused() || !isTimeLeft()) return await maintenance.republishWaiting()
        // A job that ended while it waited had left its slot; others may have left theirs and be back.
        if (!slot.isHeld() || slot.isWanted())
          return requestBound ? await maintenance.republishWaiting() : wake()
        seen = hints
        outcome = await runOne(slot)
      }
    } catch (error) {
      log.warn('a slot stopped claiming jobs', { error })
    }
  }

  function wake() {
    hints += 1
    if (stopping.aborted) return
    const claim = (slot: Slot) => continueAfter(slot, runOne(slot), always)
    let started = slots.tryRun(claim, wake)
    while (started) started = slots.tryRun(claim, wake)
  }

  function refuse(): PushOutcome {
    if (requestBound || slots.isPaused()) return 'busy'
    hints += 1
    return 'queued'
  }

  return {
    async run(jobId) {
      if (stopping.aborted) return counted('stopping')
      const first = Promise.withResolvers<PushOutcome>()
      const work = slots.tryRun(
        (slot) => {
          first.resolve(runOne(slot, jobId))
          return continueAfter(slot, first.promise, beginRequest())
        },
        // A job that left its slot would leave nobody to claim another one there: further requests get further instances.
        requestBound ? undefined : wake,
      )
      if (!work) return counted(refuse())
      if (requestBound) {
        await work
        await notifying
      }
      const outcome = await first.promise
      return outcome === 'reserved' ? counted(refuse()) : outcome
    },
    wake,
    async workOff() {
      do {
        wake()
        await slots.drained()
      } while (!slots.isIdle())
    },
    async drained() {
      await slots.drained()
      await notifying
    },
  }
}

const always = () => true

async function settled(...work: Promise<void>[]): Promise<void> {
  await Promise.all(work)
}

/** Counts a job by its outcome, and its duration. A claim without a push that found nothing is not counted. */
async function measured(work: () => Promise<PushOutcome>): Promise<PushOutcome> {
  const stopTimer = jobMetrics.seconds.startTimer()
  jobMetrics.running.inc()
  let outcome: PushOutcome | undefined
  try {
    outcome = await work()
    return NOT_COUNTED.has(outcome) ? outcome : counted(outcome)
  } finally {
    jobMetrics.running.dec()
    if (!NOT_TIMED.has(outcome)) stopTimer()
  }
}

function counted(outcome: PushOutcome): PushOutcome {
  jobMetrics.outcomes.inc({ outcome })
  return outcome
}
