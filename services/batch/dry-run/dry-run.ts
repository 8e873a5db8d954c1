import { randomUUID } from 'node:crypto'
import type { DryRunRequest, DryRunResult } from '#shared/contract/dry-run.ts'
import { asCutroomError, CutroomError, type ErrorCode } from '#shared/errors.ts'
import type { Logger } from '#shared/observability/logger.ts'
import type { UploadRepository } from '#shared/uploads/upload-repository.ts'
import { createJobSlots } from '../jobs/job-slots.ts'
import { openFiles } from '../jobs/open-files.ts'
import { openWorkspace } from '../jobs/workspace.ts'
import type { ChunkSettings } from '../media/chunks/types.ts'
import { withSourcePerClip } from '../media/plan/clips.ts'
import type { MediaEngine } from '../media/types.ts'
import type { Sources } from '../sources/open-source.ts'
import { toDryRunResult, toUnprobedResult, type WorkLimit } from './dry-run-response.ts'

export type DryRunDeps = {
  sources: Pick<Sources, 'open'>
  media: Pick<MediaEngine, 'dryRun'>
  uploads: Pick<UploadRepository, 'find'>
  settings: DryRunSettings
  log: Logger
}

/**
 * `concurrency`: dry runs at a time. `deadlineMs`: limit for one of them. `slots`: jobs that a worker runs at a time, each
 * with `cores` to itself. `chunks`: how long work is divided; undefined: never.
 */
type DryRunSettings = WorkLimit & {
  concurrency: number
  deadlineMs: number
  scratchDir: string
  slots: number
  cores: number
  chunks: ChunkSettings | undefined
}

export type DryRunner = {
  /**
   * Probes a recipe's sources, plans the render and estimates its cost; nothing is rendered. Sources that cannot be
   * probed give a result that says why. It ends when `signal` is aborted.
   *
   * @throws CutroomError `service.busy` when too many dry runs are in progress, `service.stopping`, and the codes of
   * a recipe that does not fit its sources
   */
  dryRun(request: DryRunRequest, signal?: AbortSignal): Promise<DryRunResult>
  /** Resolves when no dry run is in progress. */
  drained(): Promise<void>
}

/** Creates a dry runner with slots of its own: a dry run must neither wait for jobs nor delay them. */
export function createDryRunner(deps: DryRunDeps, stopping: AbortSignal): DryRunner {
  const slots = createJobSlots(deps.settings.concurrency)
  return {
    async dryRun(request, signal) {
      if (stopping.aborted) throw stoppingError()
      const result = slots.tryRun(() => runInWorkspace(request, deps, stopping, signal))
      if (result) return result
      throw new CutroomError('service.busy', 'Too many dry runs are in progress; try again in 2 s.', {
        headers: { 'Retry-After': '2' },
      })
    },
    drained: slots.drained,
  }
}

async function runInWorkspace(
  { user_id: userId, recipe: requested }: DryRunRequest,
  deps: DryRunDeps,
  stopping: AbortSignal,
  caller = new AbortController().signal,
): Promise<DryRunResult> {
  const { media, settings, log } = deps
  const recipe = withSourcePerClip(requested)
  using deadline = startDeadline(settings.deadlineMs, stopping)
  const signal = AbortSignal.any([deadline.signal, caller])
  try {
    await using workspace = await openWorkspace(settings.scratchDir, {
      jobId: `dry-run-${randomUUID()}`,
      attempt: 0,
    })
    await using files = await openFiles({ userId, recipe }, deps, workspace.dir, signal)
    signal.throwIfAborted()
    const planned = await media.dryRun(recipe, files, {
      signal,
      divide: settings.chunks,
      scratchDir: workspace.dir,
    })
    const copied = files.sources.map(({ url }) => url.startsWith('file:'))
    return toDryRunResult(recipe, planned, { ...settings, copied })
  } catch (thrown) {
    const error = asCutroomError(thrown)
    if (!UNPROBED.includes(error.code)) throw thrown
    log.info('dry run could not probe a source', { code: error.code })
    return toUnprobedResult(error, settings)
  }
}

/** Errors that say more about the source, or about the moment, than about the recipe. */
const UNPROBED: ErrorCode[] = [
  'source.unavailable',
  'source.denied',
  'source.not_found',
  'source.rejected',
  'source.not_media',
  'media.unreadable',
  'media.timed_out',
]

/**
 * A signal that is aborted at the deadline, when the process stops, and when it is disposed, which ends everything
 * that is still going on.
 */
function startDeadline(ms: number, stopping: AbortSignal): Disposable & { signal: AbortSignal } {
  const ended = new AbortController()
  const timer = setTimeout(() => ended.abort(timedOut(ms)), ms)
  const stop = () => ended.abort(stoppingError())
  stopping.addEventListener('abort', stop)
  return {
    signal: ended.signal,
    [Symbol.dispose]() {
      clearTimeout(timer)
      stopping.removeEventListener('abort', stop)
      ended.abort(new Error('The dry run has ended.'))
    },
  }
}

const timedOut = (ms: number) =>
  new CutroomError(
    'media.timed_out',
    `The sources could not be probed within ${ms / 1000} s. A task has more time and may still succeed.`,
  )

const stoppingError = () =>
  new CutroomError('service.stopping', 'This instance is shutting down; try again in 2 s.', {
    headers: { 'Retry-After': '2' },
  })
