import type { Config } from '#shared/config.ts'
import type { TaskChangeListener } from '#shared/database/task-change-listener.ts'
import { CutroomError } from '#shared/errors.ts'
import type { Logger } from '#shared/observability/logger.ts'
import type { JobRepository } from '#shared/tasks/job-repository.ts'
import type { Claim } from '#shared/tasks/rows.ts'

/** The job is no longer this worker's: aborted, taken over, or removed. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost'
}

/** This instance is shutting down. */
export class Stopping extends Error {
  override readonly name = 'Stopping'
}

export type Lease = AsyncDisposable & {
  /** Aborted with LeaseLost, Stopping, or `media.timed_out` at the job's deadline. */
  signal: AbortSignal
  /** Takes whole per cent; written with the next heartbeat. */
  progress(percent: number): void
}

type LeaseDeps = {
  jobs: Pick<JobRepository, 'heartbeat'>
  changes: Pick<TaskChangeListener, 'watch'>
  settings: Pick<Config['jobs'], 'leaseMs' | 'heartbeatMs' | 'deadlineMs'>
  log: Logger
}

/**
 * Keeps a claim alive by heartbeats. A notification of a change makes the next one come at once, so that an
 * abort is quick; the regular ones make it certain. A worker that cannot reach the database for as long as
 * its lease stops by itself: by then somebody else may hold the job.
 */
export function holdLease(
  claim: Claim,
  { jobs, changes, settings, log }: LeaseDeps,
  stopping: AbortSignal,
): Lease {
  const lost = new AbortController()
  let percent = 0
  let heardAt = performance.now()
  let beating: Promise<void> | undefined

  function beat(): Promise<void> {
    beating ??= beatOnce().finally(() => {
      beating = undefined
    })
    return beating
  }

  async function beatOnce() {
    const askedAt = performance.now()
    try {
      if (await jobs.heartbeat(claim, percent)) heardAt = askedAt
      else lost.abort(new LeaseLost(`job ${claim.jobId} is no longer at attempt ${claim.attempt}`))
    } catch (error) {
      log.warn('heartbeat failed', { error })
    }
  }

  // Asked apart from the heartbeat: a database that falls silent leaves that one without any answer.
  function tick() {
    if (performance.now() - heardAt > settings.leaseMs)
      lost.abort(new LeaseLost('no heartbeat within the lease'))
    else void beat()
  }

  const timer = setInterval(tick, settings.heartbeatMs)
  const deadline = setTimeout(() => lost.abort(outOfTime(settings.deadlineMs)), settings.deadlineMs)
  const unwatch = changes.watch(claim.taskId, beat)
  const stop = () => lost.abort(new Stopping('this instance is shutting down'))
  if (stopping.aborted) stop()
  stopping.addEventListener('abort', stop)

  return {
    signal: lost.signal,
    progress(now) {
      percent = now
    },
    async [Symbol.asyncDispose]() {
      clearInterval(timer)
      clearTimeout(deadline)
      unwatch()
      stopping.removeEventListener('abort', stop)
    },
  }
}

const outOfTime = (ms: number) =>
  new CutroomError('media.timed_out', `The job took longer than the ${ms / 1000} s it may take.`)
