import { asCutroomError, CutroomError } from '#shared/errors.ts'
import { jobMetrics, taskMetrics } from '#shared/observability/metrics.ts'
import { traced } from '#shared/observability/tracing.ts'
import { afterFailure, isSameFailure } from '#shared/tasks/retry.ts'
import type { Claim, StoredOutput } from '#shared/tasks/rows.ts'
import type { JobKind } from '#shared/tasks/status.ts'
import { TakesTooLong } from '../media/estimate/require-fit.ts'
import { withSourcePerClip } from '../media/plan/clips.ts'
import type { PushOutcome } from '../push/reply.ts'
import { waitedForSources } from '../sources/source-errors.ts'
import type { JobDeps } from './job-deps.ts'
import { encodeAudio, measureLoudness } from './kinds/audio.ts'
import { renderChunk } from './kinds/chunk.ts'
import { secondsPerMediaMinute } from './kinds/media-pace.ts'
import { render } from './kinds/render.ts'
import { stitch } from './kinds/stitch.ts'
import type { Attempt, Work } from './kinds/work.ts'
import { holdLease, LeaseLost, Stopping } from './lease.ts'
import { NoSlot } from './leave-while-waiting.ts'
import { persist } from './persist.ts'
import { openWorkspace } from './workspace.ts'

/**
 * Claims the job that is due (fair turns may choose another one than `jobId`), works on it and records the outcome.
 * Every write carries the claim's fencing token, so a worker that was overtaken changes nothing.
 *
 * @throws CutroomError only when the outcome could not be recorded: the lease then expires and the sweep requeues
 * the job
 */
export async function processJob(
  jobId: string | undefined,
  deps: JobDeps,
  stopping: AbortSignal,
): Promise<PushOutcome> {
  using running = await deps.runningJobs.begin()
  if (!running) return 'reserved'
  const result = await running.claim((isIdle) => deps.jobs.claim(jobId, deps.build, isIdle))
  if (result.kind !== 'claimed') return result.kind === 'held' ? 'duplicate' : result.kind

  jobMetrics.wait.observe({ kind: result.claim.kind }, result.waitedSeconds)
  const taskWaitSeconds = isFirstOfTask(result.claim) ? result.waitedSeconds : undefined
  if (taskWaitSeconds !== undefined) taskMetrics.wait.observe(taskWaitSeconds)
  const claim = { ...result.claim, recipe: withSourcePerClip(result.claim.recipe) }
  const log = deps.log.child({ jobId: claim.jobId, taskId: claim.taskId, attempt: claim.attempt })
  const startedAt = performance.now()
  log.info('job started', { taskWaitSeconds })
  if (claim.alone) log.warn('workers of this job have died: it runs alone')
  const { slot, ...others } = deps
  const mayLeave = slot && !deps.keepSlots.has(claim.jobId)
  const { outcome, outputs } = await tracedAttempt(
    claim,
    { ...others, ...(mayLeave && { slot }), ...(slot && { widen: slot.widen }), log },
    stopping,
  )
  const ms = Math.round(performance.now() - startedAt)
  const pace = outputs && secondsPerMediaMinute((result.dividedSeconds ?? 0) + ms / 1000, outputs)
  if (pace !== undefined) taskMetrics.pace.observe(pace)
  log.info('job ended', { outcome, ms, secondsPerMediaMinute: pace })
  return outcome
}

const isFirstOfTask = ({ kind, attempt }: Claim) => kind === 'render' && attempt === 1

/** How an attempt ended; `outputs`: those of its task, if that has succeeded with it. */
type Ended = { outcome: PushOutcome; outputs?: StoredOutput[] | undefined }

function tracedAttempt(claim: Claim, deps: JobDeps, stopping: AbortSignal): Promise<Ended> {
  const { taskId, jobId, kind, attempt } = claim
  const attributes = { 'cutroom.task.id': taskId, 'cutroom.job.id': jobId, 'cutroom.attempt': attempt }
  return traced(`job ${kind}`, { kind: 'consumer', taskId, attributes }, async (span) => {
    const ended = await runAttempt(claim, deps, stopping)
    span.set({ 'cutroom.outcome': ended.outcome })
    if (ended.outcome !== 'done') span.fail(ended.outcome)
    return ended
  })
}

/** How each kind of job is done. */
const WORK: Record<JobKind, (attempt: Attempt) => Promise<Work>> = {
  render,
  chunk: renderChunk,
  audio: encodeAudio,
  measure: measureLoudness,
  stitch,
}

async function runAttempt(claim: Claim, deps: JobDeps, stopping: AbortSignal): Promise<Ended> {
  const { jobs, settings, log } = deps
  const startedAt = performance.now()
  await using lease = holdLease(claim, deps, stopping)
  const { signal } = lease
  try {
    if (claim.kind !== 'render' && claim.build !== deps.build) {
      // Another ffmpeg gives other bits, which must not be mixed.
      log.warn('planned by another build, planning again', { build: claim.build })
      return { outcome: (await jobs.replan(claim)) ? 'done' : 'finished' }
    }
    await using workspace = await openWorkspace(settings.scratchDir, claim)
    const attempt = { claim, deps, workspace, signal, onProgress: lease.setProgress }
    const work = await WORK[claim.kind](attempt)
    if (await persist(work.record, settings.recordMs, log)) return { outcome: 'done', outputs: work.outputs }
    await work.discard()
    return { outcome: 'finished' }
  } catch (error) {
    const thrown = signal.aborted ? signal.reason : error
    const times = { elapsedMs: performance.now() - startedAt, waitedMs: deps.sources.waitedMs(signal) }
    return { outcome: await recordEnd(claim, blameSources(thrown, times), deps) }
  }
}

/** A time limit that was mostly spent waiting for sources is their fault: trying again and again would hold slots for hours. */
function blameSources(thrown: unknown, { elapsedMs, waitedMs }: { elapsedMs: number; waitedMs: number }) {
  const isTimeOut = thrown instanceof CutroomError && thrown.code === 'media.timed_out'
  return isTimeOut && waitedMs > elapsedMs / 2 ? waitedForSources(waitedMs, thrown) : thrown
}

/** Giving a job back may take so long: Cloud Run kills an instance 10 s after SIGTERM. */
const STOPPING_MS = 5_000

async function recordEnd(claim: Claim, thrown: unknown, deps: JobDeps): Promise<PushOutcome> {
  if (thrown instanceof LeaseLost) return 'finished'
  const giveBack = (timeoutMs: number) => persist(() => deps.jobs.giveBack(claim), timeoutMs, deps.log)
  if (thrown instanceof Stopping) return (await giveBack(STOPPING_MS)) ? 'stopping' : 'finished'
  if (thrown instanceof NoSlot) {
    deps.keepSlots.add(claim.jobId)
    deps.log.info('no slot was free when the sources had answered: left to others')
    return (await giveBack(deps.settings.recordMs)) ? 'retry' : 'finished'
  }
  const isTimeOut = thrown instanceof CutroomError && thrown.code === 'media.timed_out'
  if (thrown instanceof TakesTooLong || (isTimeOut && !deps.settings.claimsLongJobs)) {
    deps.log.info('left to workers that have more time', { reason: thrown.message })
    const handOver = () => deps.jobs.handOver(claim)
    return (await persist(handOver, deps.settings.recordMs, deps.log)) ? 'handed_over' : 'finished'
  }
  return recordFailure(claim, asCutroomError(thrown), deps)
}

async function recordFailure(claim: Claim, error: CutroomError, deps: JobDeps): Promise<PushOutcome> {
  const { jobs, settings, log } = deps
  const { code, message, logTail, retry, uncounted } = error
  const record = (write: () => Promise<boolean>) => persist(write, settings.recordMs, log)
  const taskError = { code, message, ...(logTail && { log_tail: logTail }) }
  const verdict = afterFailure(
    {
      ...claim,
      retry: retry && !isSameFailure(error, claim.lastFailure),
      uncounted,
      maxAttempts: Math.min(settings.maxAttempts, error.maxAttempts),
    },
    Math.random(),
  )
  // The stack matters only for the service's own failures, not for what is wrong with a user's video.
  log.warn('attempt failed', { code, message, verdict: verdict.kind, ...(error.status >= 500 && { error }) })
  if (verdict.kind === 'fail') {
    // A retryable error without an attempt left becomes a dead letter, for an operator to investigate.
    return (await record(() => jobs.fail(claim, taskError, { usedUp: retry }))) ? 'failed' : 'finished'
  }
  if (!(await record(() => jobs.retry(claim, taskError, verdict)))) return 'finished'
  return code === 'media.no_free_space' ? 'no_free_space' : 'retry'
}
