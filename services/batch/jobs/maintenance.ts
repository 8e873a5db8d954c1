import type { Logger } from '#shared/observability/logger.ts'
import type { Notifier } from '../notify/notifier.ts'
import { runEvery } from './run-every.ts'
import { cleanUp, republishWaiting, requeueJobs, type SweepCounts, type SweepDeps, sweep } from './sweep.ts'

/** What one maintenance run did: the sweep's counts, and the notifications it delivered. */
type MaintenanceCounts = SweepCounts & { notified: number }

/** The periodic work beside jobs, and the part of it that a worker does as soon as it has ended a job. */
export type Maintenance = {
  /** Sweeps, and sends due notifications. */
  run(): Promise<MaintenanceCounts>
  recordDeadLetter: SweepDeps['rows']['recordDeadLetter']
  /** Publishes a job that has waited for long, now that a slot is free. Never throws. */
  republishWaiting(): Promise<void>
  /** Sends new notifications, now that a task has ended. Takes seconds at most. Never throws. */
  sendNewNotifications(): Promise<void>
  /** Repeats all parts of `run` from now on; an interval of 0 leaves that to whoever calls `run`. */
  start(intervalMs: number): void
  /** Ends the repetition, a clean-up that is going on, and the sending of notifications; resolves when all are at rest. */
  close(): Promise<void>
}

export function createMaintenance(deps: SweepDeps & { notifier: Notifier; log: Logger }): Maintenance {
  const { rows, notifier, log } = deps
  const stopping = new AbortController()
  let stops: (() => Promise<void>)[] = []
  return {
    async run() {
      const [counts, notified] = await Promise.all([sweep(deps, stopping.signal), notifier.sendDue()])
      return { ...counts, notified }
    },
    recordDeadLetter: rows.recordDeadLetter,
    republishWaiting: () => republishWaiting(deps),
    sendNewNotifications: notifier.sendNew,
    start(intervalMs) {
      if (intervalMs === 0) return
      // Side by side: neither a slow webhook receiver nor a slow storage must delay the requeueing of a lost worker's jobs.
      stops = [
        runEvery(() => requeueJobs(deps), intervalMs, { name: 'requeue jobs', log }),
        runEvery(() => cleanUp(deps, stopping.signal), intervalMs, { name: 'clean up', log }),
        runEvery(notifier.sendDue, intervalMs, { name: 'send notifications', log }),
      ]
    },
    async close() {
      stopping.abort()
      await Promise.all([...stops.map((stop) => stop()), notifier.close()])
    },
  }
}
