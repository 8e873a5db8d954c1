import type { Config } from '#shared/config.ts'
import type { TaskChangeListener } from '#shared/database/task-change-listener.ts'
import { asCutroomError, type CutroomError } from '#shared/errors.ts'
import type { Logger } from '#shared/observability/logger.ts'
import type { Storage } from '#shared/storage/port.ts'
import type { JobRepository } from '#shared/tasks/job-repository.ts'
import { afterFailure } from '#shared/tasks/retry.ts'
import type { Claim } from '#shared/tasks/rows.ts'
import type { RequireFit } from '../media/estimate/require-fit.ts'
import type { MediaEngine } from '../media/types.ts'
import type { PushOutcome } from '../push/reply.ts'
import type { Sources } from '../sources/open-source.ts'
import { holdLease, LeaseLost, Stopping } from './lease.ts'
import { type FindUploadKeys, openFiles } from './open-files.ts'
import { persist } from './persist.ts'
import { storeOutputs } from './store-outputs.ts'
import { streamOutputs } from './stream-outputs.ts'
import { openWorkspace } from './workspace.ts'

export type JobDeps = {
  jobs: JobRepository
  changes: TaskChangeListener
  storage: Storage
  sources: Sources
  media: Pick<MediaEngine, 'render'>
  /** Throws `media.too_long` for work that is hopeless to begin. */
  demandFit: RequireFit
  findUploadKeys: FindUploadKeys
  settings: Config['jobs'] & { scratchDir: string }
  log: Logger
}

/**
 * Works on one job, from claim to recorded end. Every end is written under the claim's fencing token, so a
 * worker that was overtaken changes nothing. Throws only when the end could not be recorded: the lease then
 * runs out and the sweep takes the job back.
 */
export async function processJob(jobId: string, deps: JobDeps, stopping: AbortSignal): Promise<PushOutcome> {
  const result = await deps.jobs.claim(jobId)
  if (result.kind !== 'claimed') return result.kind === 'held' ? 'duplicate' : result.kind

  const { claim } = result
  const log = deps.log.child({ jobId, taskId: claim.taskId, attempt: claim.attempt })
  const startedAt = performance.now()
  log.info('job started')
  const outcome = await work(claim, { ...deps, log }, stopping)
  log.info('job ended', { outcome, ms: Math.round(performance.now() - startedAt) })
  return outcome
}

async function work(claim: Claim, deps: JobDeps, stopping: AbortSignal): Promise<PushOutcome> {
  const { jobs, media, storage, sources, settings } = deps
  await using lease = holdLease(claim, deps, stopping)
  try {
    await using space = await openWorkspace(settings.scratchDir, claim)
    await using files = await openFiles(claim, deps, space.dir, lease.signal)
    const made = await media.render(claim.recipe, files, {
      outputDir: space.outputDir,
      scratchDir: space.dir,
      signal: lease.signal,
      onProgress: lease.progress,
      onPlan: (drafted) => deps.demandFit(claim.recipe, drafted),
      send: streamOutputs(claim, space.dir, { storage, sources, signal: lease.signal }),
    })
    const stored = await storeOutputs(claim, made.outputs, { storage, log: deps.log, signal: lease.signal })
    const result = { sources: made.sources, outputs: stored.outputs }
    if (await persist(() => jobs.finish(claim, result), settings.leaseMs, deps.log)) return 'done'
    await stored.discard()
    return 'finished'
  } catch (error) {
    return await recordEnd(claim, lease.signal.aborted ? lease.signal.reason : error, deps)
  }
}

async function recordEnd(claim: Claim, thrown: unknown, deps: JobDeps): Promise<PushOutcome> {
  if (thrown instanceof LeaseLost) return 'finished'
  if (thrown instanceof Stopping) return (await deps.jobs.giveBack(claim)) ? 'stopping' : 'finished'
  return recordFailure(claim, asCutroomError(thrown), deps)
}

async function recordFailure(claim: Claim, error: CutroomError, deps: JobDeps): Promise<PushOutcome> {
  const { jobs, settings, log } = deps
  const { code, message, logTail, retry, uncounted } = error
  const record = (write: () => Promise<boolean>) => persist(write, settings.leaseMs, log)
  const taskError = { code, message, ...(logTail && { log_tail: logTail }) }
  const verdict = afterFailure(
    { ...claim, retry, uncounted, maxAttempts: settings.maxAttempts },
    Math.random(),
  )
  // What is wrong with a user's video needs no stack.
  log.warn('attempt failed', { code, message, verdict: verdict.kind, ...(error.status >= 500 && { error }) })
  if (verdict.kind === 'fail') {
    // An error that allows another try, without a try left, is for an operator to look at.
    return (await record(() => jobs.fail(claim, taskError, { usedUp: retry }))) ? 'failed' : 'finished'
  }
  if (!(await record(() => jobs.retry(claim, taskError, verdict)))) return 'finished'
  return code === 'media.no_free_space' ? 'no_free_space' : 'retry'
}
