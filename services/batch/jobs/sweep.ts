import type { AccountMaintenance } from '#shared/accounts/account-maintenance.ts'
import { asCutroomError } from '#shared/errors.ts'
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

/** `start` starts one worker, which claims jobs until none is left. */
export type LongJobWorkers = { start(): Promise<void>; maxWorkers: number }

export type SweepDeps = {
  rows: SweepRepository
  uploads: Pick<UploadRepository, 'expire'>
  accounts: AccountMaintenance
  queue: Pick<Queue, 'publish'>
  /** Set where long-running jobs have workers that must be started. */
  longJobs?: LongJobWorkers | undefined
  storage: Pick<Storage, 'list' | 'remove' | 'removeStalePartials'>
  /** Age in ms at which an unfinished upload or object counts as abandoned. */
  partialMs: number
  log: Logger
}

/**
 * How many jobs each action handled. `unpublished`: those that the queue did not accept; they are published again later.
 * `repaired`: those whose row contradicted the others of their task, which should never happen.
 */
type RequeueCounts = Record<'requeued' | 'failed' | 'repaired' | 'republished' | 'unpublished', number>

/** How many rows or objects were removed. `accounts` counts the tasks, uploads and rows of deleted accounts. */
type CleanUpCounts = Record<
  | 'outputs'
  | 'uploads'
  | 'idempotency_keys'
  | 'rate_limits'
  | 'source_headers'
  | 'destinations'
  | 'sessions'
  | 'api_keys'
  | 'source_links'
  | 'audit_events'
  | 'events'
  | 'accounts'
  | 'account_mails'
  | 'orphaned_objects'
  | 'partials',
  number
>

/** The keys are the `action` labels of `cutroom_maintenance_total`. */
export type SweepCounts = RequeueCounts & CleanUpCounts

/** Requeues interrupted jobs and cleans up. Concurrent sweeps handle different rows. */
export async function sweep(deps: SweepDeps, stopping: AbortSignal): Promise<SweepCounts> {
  return { ...(await requeueJobs(deps)), ...(await cleanUp(deps, stopping)) }
}

/** Requeues interrupted jobs and republishes waiting ones: what running tasks wait for. */
export async function requeueJobs(deps: SweepDeps): Promise<RequeueCounts> {
  const { rows, log } = deps
  const counts: RequeueCounts = {
    ...(await rows.requeueExpired(MAX_ROWS_PER_SWEEP)),
    // Before publishing: a job that no longer waits for others is due at once.
    repaired: await rows.repairTasks(MAX_ROWS_PER_SWEEP),
    ...(await republishDue(deps)),
  }
  await startForLongJobs(deps)
  const needsAttention = counts.requeued + counts.failed + counts.repaired + counts.unpublished > 0
  log[needsAttention ? 'warn' : 'debug']('sweep', counts)
  return counts
}

/**
 * Removes what has expired. A step that fails does not keep those after it from running.
 * @throws the error of the first step that failed, once all have run
 */
export async function cleanUp(deps: SweepDeps, stopping: AbortSignal): Promise<CleanUpCounts> {
  const counts = { ...NOTHING_REMOVED }
  const errors: unknown[] = []
  for (const step of CLEAN_UP_STEPS) {
    if (stopping.aborted) break
    try {
      Object.assign(counts, await step(deps, stopping))
    } catch (error) {
      errors.push(error)
      // Each of the others would wait for the database as well.
      if (asCutroomError(error).code === 'database.unavailable') break
      deps.log.warn('a step of the clean-up failed; the next sweep tries again', { error })
    }
  }
  deps.log.debug('cleaned up', counts)
  if (errors.length > 0) throw errors[0]
  return counts
}

const NOTHING_REMOVED: CleanUpCounts = {
  outputs: 0,
  uploads: 0,
  idempotency_keys: 0,
  rate_limits: 0,
  source_headers: 0,
  destinations: 0,
  sessions: 0,
  api_keys: 0,
  source_links: 0,
  audit_events: 0,
  events: 0,
  accounts: 0,
  account_mails: 0,
  orphaned_objects: 0,
  partials: 0,
}

type CleanUpStep = (deps: SweepDeps, stopping: AbortSignal) => Promise<Partial<CleanUpCounts>>

const CLEAN_UP_STEPS: CleanUpStep[] = [
  async ({ rows }) => ({ outputs: await rows.expireOutputs(MAX_ROWS_PER_SWEEP) }),
  async ({ uploads }) => ({ uploads: await uploads.expire(MAX_ROWS_PER_SWEEP) }),
  async ({ rows }) => ({ idempotency_keys: await rows.expireIdempotencyKeys(MAX_ROWS_PER_SWEEP) }),
  async ({ rows }) => ({ rate_limits: await rows.expireRateLimits(MAX_RATE_LIMITS_PER_SWEEP) }),
  async ({ rows }) => ({ source_headers: await rows.expireSourceHeaders(MAX_ROWS_PER_SWEEP) }),
  async ({ rows }) => ({ destinations: await rows.expireDestinations(MAX_ROWS_PER_SWEEP) }),
  ({ rows }) => rows.expireAccess(MAX_ACCESS_ROWS_PER_SWEEP),
  async ({ rows }) => ({ events: await rows.expireEvents(MAX_EVENTS_PER_SWEEP) }),
  // Before removing orphaned objects, so that the files of deleted accounts go at once.
  async ({ accounts }) => ({ accounts: await accounts.eraseRemains() }),
  async ({ accounts }) => ({ account_mails: await accounts.expireMails(MAX_ROWS_PER_SWEEP) }),
  async (deps, stopping) => ({ orphaned_objects: await removeOrphanedObjects(deps, stopping) }),
  async ({ storage, partialMs }) => ({
    partials: (await storage.removeStalePartials?.(new Date(Date.now() - partialMs))) ?? 0,
  }),
]

async function republishDue({ rows, queue }: SweepDeps) {
  const due = await rows.claimDueForPublish(MAX_ROWS_PER_SWEEP)
  const results = await Promise.allSettled(due.map((jobId) => queue.publish(jobId)))
  const republished = results.filter(({ status }) => status === 'fulfilled').length
  return { republished, unpublished: due.length - republished }
}

/** Never throws: what failed is logged, and tried again when the jobs are due again. */
async function startForLongJobs({ rows, longJobs, log }: SweepDeps): Promise<void> {
  if (!longJobs) return
  try {
    if (!(await rows.claimStartForLongJobs(longJobs.maxWorkers))) return
    await longJobs.start()
    log.info('worker for long jobs started')
  } catch (error) {
    log.error('starting a worker for long jobs failed; a later sweep will retry', { error })
  }
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
async function removeOrphanedObjects(
  { rows, storage, log }: SweepDeps,
  stopping: AbortSignal,
): Promise<number> {
  const removed: string[] = []
  for (const prefix of await rows.claimOrphanedPrefixes(MAX_ROWS_PER_SWEEP)) {
    if (stopping.aborted) break
    try {
      for await (const { key } of storage.list(prefix)) await storage.remove(key)
      removed.push(prefix)
    } catch (error) {
      log.warn('removing orphaned objects failed; a later sweep will retry', { prefix, error })
      // Each of the others would fail after several tries, which take seconds.
      if (asCutroomError(error).code === 'storage.unavailable') break
    }
  }
  if (removed.length > 0) await rows.forgetOrphanedPrefixes(removed)
  return removed.length
}
