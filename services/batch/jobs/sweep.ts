import type { Logger } from '#shared/observability/logger.ts'
import type { Queue } from '#shared/queue/port.ts'
import type { Storage } from '#shared/storage/port.ts'
import type { SweepRepository } from '#shared/tasks/sweep-repository.ts'
import type { UploadRepository } from '#shared/uploads/upload-repository.ts'

/** What one sweep does at most of each kind, so that a run is bounded; the next goes on. */
const most = 200

export type SweepDeps = {
  rows: SweepRepository
  uploads: Pick<UploadRepository, 'expire'>
  queue: Queue
  storage: Storage
  /** Age at which an upload or object that was begun counts as given up. */
  partialMs: number
  log: Logger
}

/** How many of each kind were set right. `unheard`: jobs nobody could be told of; they are due again later. */
export type SweepCounts = Record<
  'requeued' | 'failed' | 'rung' | 'unheard' | 'outputs' | 'uploads' | 'keys' | 'litter' | 'partials',
  number
>

/** Sets right what was interrupted and removes what is over. Two sweeps at once take different rows. */
export async function sweep(deps: SweepDeps): Promise<SweepCounts> {
  const { rows, queue, storage, partialMs, log } = deps
  const { requeued, failed } = await rows.requeueExpired(most)
  const { rung, unheard } = await ringDue(rows, queue)
  const outputs = await rows.expireOutputs(most)
  const uploads = await deps.uploads.expire(most)
  const keys = await rows.expireIdempotencyKeys(most)
  const litter = await removeLitter(rows, storage, log)
  const partials = (await storage.removeStalePartials?.(new Date(Date.now() - partialMs))) ?? 0

  const swept = { requeued, failed, rung, unheard, outputs, uploads, keys, litter, partials }
  if (requeued + failed + unheard > 0) log.warn('sweep', swept)
  else log.debug('sweep', swept)
  return swept
}

async function ringDue(rows: SweepRepository, queue: Queue) {
  const due = await rows.claimDueForPublish(most)
  const rings = await Promise.allSettled(due.map((jobId) => queue.publish(jobId)))
  const rung = rings.filter(({ status }) => status === 'fulfilled').length
  return { rung, unheard: due.length - rung }
}

/** Announces the job that has waited longest. Whatever goes wrong, the sweep announces it later. */
export async function republishWaiting(
  rows: Pick<SweepRepository, 'claimLongestWaiting'>,
  queue: Queue,
  log: Logger,
): Promise<void> {
  try {
    const jobId = await rows.claimLongestWaiting()
    if (jobId) await queue.publish(jobId)
  } catch (error) {
    log.warn('a waiting job was left to the sweep', { error })
  }
}

/** Removes objects first and the note of them last: a sweep that dies in between is repeated by another. */
async function removeLitter(rows: SweepRepository, storage: Storage, log: Logger): Promise<number> {
  const clean: string[] = []
  for (const prefix of await rows.claimOrphanedPrefixes(most)) {
    try {
      for await (const { key } of storage.list(prefix)) await storage.remove(key)
      clean.push(prefix)
    } catch (error) {
      log.warn('litter stays for another sweep', { prefix, error })
    }
  }
  if (clean.length > 0) await rows.forgetOrphanedPrefixes(clean)
  return clean.length
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
