import type { AccountMaintenance } from '#shared/accounts/account-maintenance.ts'
import type { Logger } from '#shared/observability/logger.ts'
import type { Queue } from '#shared/queue/port.ts'
import type { Storage } from '#shared/storage/port.ts'
import type { SweepRepository } from '#shared/tasks/sweep-repository.ts'
import type { UploadRepository } from '#shared/uploads/upload-repository.ts'

/** Bounds one sweep: the most rows of each kind that it handles. The next sweep continues. */
const MAX_ROWS_PER_SWEEP = 200

/** Small rows that a flood of requests from many addresses leaves behind. */
const MAX_RATE_LIMITS_PER_SWEEP = 20_000

/** Every login leaves two rows: with a sweep a minute, this keeps up with 80 logins a second. */
const MAX_ACCESS_ROWS_PER_SWEEP = 5_000

/** Every task leaves some: with a sweep a minute, this keeps up with 25 tasks a second. */
const MAX_EVENTS_PER_SWEEP = 10_000

export type SweepDeps = {
  rows: SweepRepository
  uploads: Pick<UploadRepository, 'expire'>
  accounts: AccountMaintenance
  queue: Pick<Queue, 'publish'>
  storage: Pick<Storage, 'list' | 'remove' | 'removeStalePartials'>
  /** Age in ms at which an unfinished upload or object counts as abandoned. */
  partialMs: number
  log: Logger
}

/**
 * How many rows or objects each action handled; the keys are the `action` labels of `cutroom_maintenance_total`.
 * `unpublished` counts the jobs that the queue did not accept: they are published again later. `repaired` counts jobs
 * whose row contradicted the others of its task, which should never happen. `accounts` counts the tasks, uploads and rows of
 * deleted accounts.
 */
export type SweepCounts = Record<
  | 'requeued'
  | 'failed'
  | 'repaired'
  | 'republished'
  | 'unpublished'
  | 'outputs'
  | 'uploads'
  | 'idempotency_keys'
  | 'rate_limits'
  | 'source_headers'
  | 'destinations'
  | 'sessions'
  | 'api_keys'
  | 'audit_events'
  | 'events'
  | 'accounts'
  | 'account_mails'
  | 'orphaned_objects'
  | 'partials',
  number
>

/**
 * Requeues interrupted jobs, republishes waiting ones, and cleans up what has expired. Concurrent sweeps handle
 * different rows.
 */
export async function sweep(deps: SweepDeps): Promise<SweepCounts> {
  const { rows, uploads, accounts, storage, partialMs, log } = deps
  const counts: SweepCounts = {
    ...(await rows.requeueExpired(MAX_ROWS_PER_SWEEP)),
    // Before publishing: a job that no longer waits for others is due at once.
    repaired: await rows.repairTasks(MAX_ROWS_PER_SWEEP),
    ...(await republishDue(deps)),
    outputs: await rows.expireOutputs(MAX_ROWS_PER_SWEEP),
    uploads: await uploads.expire(MAX_ROWS_PER_SWEEP),
    idempotency_keys: await rows.expireIdempotencyKeys(MAX_ROWS_PER_SWEEP),
    rate_limits: await rows.expireRateLimits(MAX_RATE_LIMITS_PER_SWEEP),
    source_headers: await rows.expireSourceHeaders(MAX_ROWS_PER_SWEEP),
    destinations: await rows.expireDestinations(MAX_ROWS_PER_SWEEP),
    ...(await rows.expireAccess(MAX_ACCESS_ROWS_PER_SWEEP)),
    events: await rows.expireEvents(MAX_EVENTS_PER_SWEEP),
    // Before removing orphaned objects, so that the files of deleted accounts go at once.
    accounts: await accounts.eraseRemains(),
    account_mails: await accounts.expireMails(MAX_ROWS_PER_SWEEP),
    orphaned_objects: await removeOrphanedObjects(deps),
    partials: (await storage.removeStalePartials?.(new Date(Date.now() - partialMs))) ?? 0,
  }
  const needsAttention = counts.requeued + counts.failed + counts.repaired + counts.unpublished > 0
  log[needsAttention ? 'warn' : 'debug']('sweep', counts)
  return counts
}

async function republishDue({ rows, queue }: SweepDeps) {
  const due = await rows.claimDueForPublish(MAX_ROWS_PER_SWEEP)
  const results = await Promise.allSettled(due.map((jobId) => queue.publish(jobId)))
  const republished = results.filter(({ status }) => status === 'fulfilled').length
  return { republished, unpublished: due.length - republished }
}

/**
 * Publishes a job that is due, as one is whose last prerequisite has just succeeded, or else the job that has waited longest.
 * Never throws: if it fails, the sweep publishes the job later.
 */
export async function republishWaiting({
  rows,
  queue,
  log,
}: Pick<SweepDeps, 'queue' | 'log'> & {
  rows: Pick<SweepRepository, 'claimDueForPublish' | 'claimLongestWaiting'>
}): Promise<void> {
  try {
    const [due] = await rows.claimDueForPublish(1)
    const jobId = due ?? (await rows.claimLongestWaiting())
    if (jobId) await queue.publish(jobId)
  } catch (error) {
    log.warn('republishing a waiting job failed; the sweep will retry', { error })
  }
}

/**
 * Removes the objects of orphaned prefixes, then forgets the prefixes: in this order a sweep that dies in between
 * is repeated by another. Returns the number of prefixes.
 */
async function removeOrphanedObjects({ rows, storage, log }: SweepDeps): Promise<number> {
  const removed: string[] = []
  for (const prefix of await rows.claimOrphanedPrefixes(MAX_ROWS_PER_SWEEP)) {
    try {
      for await (const { key } of storage.list(prefix)) await storage.remove(key)
      removed.push(prefix)
    } catch (error) {
      log.warn('removing orphaned objects failed; a later sweep will retry', { prefix, error })
    }
  }
  if (removed.length > 0) await rows.forgetOrphanedPrefixes(removed)
  return removed.length
}
