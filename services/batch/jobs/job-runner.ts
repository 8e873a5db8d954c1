import { jobMetrics } from '#shared/observability/metrics.ts'
import type { PushOutcome } from '../push/reply.ts'
import type { JobSlots } from './job-slots.ts'
import type { Maintenance } from './maintenance.ts'

export type JobRunner = {
  /**
   * Works on a job if a slot is free, then starts what its end makes possible.
   *
   * @throws what `process` throws, when the outcome could not be recorded
   */
  run(jobId: string): Promise<PushOutcome>
  /** Resolves when no job is running. */
  drained(): Promise<void>
}

export type JobRunnerDeps = {
  slots: JobSlots
  process(jobId: string): Promise<PushOutcome>
  maintenance: Pick<Maintenance, 'republishWaiting' | 'sendNewNotifications'>
}

/**
 * Pause of a worker whose disk is full. Its attempts fail faster than those of others succeed, so without a pause
 * its slots would always be the free ones, and would attract every job.
 */
const NO_FREE_SPACE_PAUSE_MS = 5_000

/** Outcomes after which the task has ended, also when it was aborted meanwhile. */
const TASK_ENDED = new Set<PushOutcome>(['done', 'failed', 'finished'])

/** Runs jobs in the slots of this process until `stopping` is aborted. */
export function createJobRunner(
  { slots, process, maintenance }: JobRunnerDeps,
  stopping: AbortSignal,
): JobRunner {
  return {
    async run(jobId) {
      if (stopping.aborted) return 'stopping'
      const work = slots.tryRun(() => measured(() => process(jobId)))
      if (!work) return 'busy'
      const outcome = await work
      if (outcome === 'no_free_space') slots.pause(NO_FREE_SPACE_PAUSE_MS)
      await maintenance.republishWaiting()
      if (TASK_ENDED.has(outcome)) await maintenance.sendNewNotifications()
      return outcome
    },
    drained: slots.drained,
  }
}

async function measured<T>(work: () => Promise<T>): Promise<T> {
  const stopTimer = jobMetrics.seconds.startTimer()
  jobMetrics.running.inc()
  try {
    return await work()
  } finally {
    jobMetrics.running.dec()
    stopTimer()
  }
}
