import type { Logger } from '#shared/logger.ts'
import type { Queue } from '#shared/queue/port.ts'
import type { JobRepository } from '#shared/tasks/job-repository.ts'

/** What one sweep does at most of each kind, so that a run is bounded; the next goes on. */
const most = 200

export type Swept = { requeued: number; failed: number; rung: number; unheard: number }

/** Sets right what was interrupted. Two sweeps at once do no harm: each row is taken by one of them. */
export async function sweep(jobs: JobRepository, queue: Queue, log: Logger): Promise<Swept> {
  const { requeued, failed } = await jobs.takeBackExpired(most)
  const due = await jobs.takeDue(most)
  const rings = await Promise.allSettled(due.map((jobId) => queue.ring(jobId)))
  // Nothing is lost: a job that nobody heard of is due again later.
  const unheard = rings.filter(({ status }) => status === 'rejected').length
  const swept = { requeued, failed, rung: due.length - unheard, unheard }
  if (requeued + failed + unheard > 0) log.warn('sweep', swept)
  else log.debug('sweep', swept)
  return swept
}

/** Sweeps every so often, one after the other. The result ends that, after the sweep under way. */
export function sweepRegularly(
  run: () => Promise<unknown>,
  everyMs: number,
  log: Logger,
): () => Promise<void> {
  let current = Promise.resolve()
  let timer: NodeJS.Timeout | undefined
  let ended = false
  const next = () => {
    if (ended) return
    timer = setTimeout(() => {
      current = run()
        .then(
          () => {},
          (error) => log.warn('sweep failed', { error }),
        )
        .finally(next)
    }, everyMs)
  }
  next()
  return () => {
    ended = true
    clearTimeout(timer)
    return current
  }
}
