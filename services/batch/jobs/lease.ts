import type { Config } from '#shared/config.ts'
import type { TaskChangeListener } from '#shared/database/task-change-listener.ts'
import { CutroomError } from '#shared/errors.ts'
import type { Logger } from '#shared/observability/logger.ts'
import type { JobRepository } from '#shared/tasks/job-repository.ts'
import type { Claim } from '#shared/tasks/rows.ts'

/** This worker no longer holds the job: the task was aborted or deleted, or another worker took the job over. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost'
}

/** This instance is shutting down. */
export class Stopping extends Error {
  override readonly name = 'Stopping'
}

export type Lease = AsyncDisposable & {
  /**
   * Aborted with LeaseLost, with Stopping, with `media.timed_out` at the job's deadline, or with `database.unavailable` when no
   * heartbeat succeeded for the length of the lease; and when the lease is disposed, which ends everything that is still going on.
   */
  signal: AbortSignal
  /** Sets the progress, in whole per cent, that the next heartbeat writes. */
  setProgress(percent: number): void
}

type LeaseDeps = {
  jobs: Pick<JobRepository, 'heartbeat'>
  changes: Pick<TaskChangeListener, 'watch'>
  settings: Pick<Config['jobs'], 'leaseMs' | 'heartbeatMs' | 'deadlineMs'>
  log: Logger
}

/**
 * Keeps a claim alive with heartbeats until it is disposed. A notification that the task's state changed triggers a
 * heartbeat at once, which makes aborts fast; the regular ones make them certain. Progress of the task, of which many
 * workers notify, does not. A worker that cannot reach the database for the length of its lease stops by itself, because another
 * worker may hold the job by then.
 */
export function holdLease(
  claim: Claim,
  { jobs, changes, settings, log }: LeaseDeps,
  stopping: AbortSignal,
): Lease {
  const ended = new AbortController()
  let progress = 0
  let renewedAt = performance.now()
  let renewal: Promise<void> | undefined

  /** Sends a heartbeat, or joins the one that is on its way. */
  function renew(): Promise<void> {
    renewal ??= sendHeartbeat().finally(() => {
      renewal = undefined
    })
    return renewal
  }

  async function sendHeartbeat() {
    // The lease runs from the moment the database saw the heartbeat, which is no earlier than this.
    const sentAt = performance.now()
    try {
      if (await jobs.heartbeat(claim, progress)) renewedAt = sentAt
      else ended.abort(new LeaseLost(`Job ${claim.jobId} is no longer at attempt ${claim.attempt}.`))
    } catch (error) {
      log.warn('heartbeat failed', { error })
    }
  }

  // Checked by the timer and not in sendHeartbeat: when the database hangs, that call may never return.
  function tick() {
    if (performance.now() - renewedAt > settings.leaseMs) {
      ended.abort(databaseSilent())
    } else {
      void renew()
    }
  }

  const heartbeats = setInterval(tick, settings.heartbeatMs)
  const deadline = setTimeout(() => ended.abort(timedOut(settings.deadlineMs)), settings.deadlineMs)
  const unwatch = changes.watch(claim.taskId, (change) => change === 'progress' || renew())
  const stop = () => ended.abort(new Stopping('This instance is shutting down.'))
  if (stopping.aborted) stop()
  stopping.addEventListener('abort', stop)

  return {
    signal: ended.signal,
    setProgress(percent) {
      progress = percent
    },
    async [Symbol.asyncDispose]() {
      clearInterval(heartbeats)
      clearTimeout(deadline)
      unwatch()
      stopping.removeEventListener('abort', stop)
      ended.abort(new Error('The job has ended.'))
    },
  }
}

/** Not LeaseLost: unless another worker has taken the job over, this attempt is recorded, as one that does not count. */
const databaseSilent = () =>
  new CutroomError(
    'database.unavailable',
    'The database answered no heartbeat of the job for the length of its lease.',
  )

const timedOut = (ms: number) =>
  new CutroomError('media.timed_out', `The job exceeded its limit of ${ms / 1000} s and was stopped.`)
