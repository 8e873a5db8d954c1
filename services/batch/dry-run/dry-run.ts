import { randomUUID } from 'node:crypto'
import type { DryRunRequest, DryRunResult } from '#shared/contract/dry-run.ts'
import { asCutroomError, CutroomError, type ErrorCode } from '#shared/errors.ts'
import type { Logger } from '#shared/observability/logger.ts'
import { createJobSlots } from '../jobs/job-slots.ts'
import { type FindUploadKeys, openFiles } from '../jobs/open-files.ts'
import { openWorkspace } from '../jobs/workspace.ts'
import type { Circumstances } from '../media/estimate/estimate.ts'
import type { MediaEngine } from '../media/types.ts'
import type { Sources } from '../sources/open-source.ts'
import { describeUnread, toDryRunResult } from './dry-run-response.ts'

export type DryRunDeps = {
  sources: Sources
  media: Pick<MediaEngine, 'dryRun'>
  findUploadKeys: FindUploadKeys
  /** `places`: plans made at a time. `deadlineMs` bounds one; `limitMs` is what the work itself may take. */
  settings: { places: number; deadlineMs: number; scratchDir: string; limitMs: number } & Circumstances
  log: Logger
}

export type DryRunner = {
  /**
   * What a recipe would make. Throws `service.busy` when every place is taken, `service.stopping`, and the codes
   * of a recipe that does not fit its sources.
   */
  plan(request: DryRunRequest): Promise<DryRunResult>
  /** Resolves when no plan is being made. */
  empty(): Promise<void>
}

/** Makes plans in a few places of their own: a look at a source must not wait for jobs, nor hold one up. */
export function createDryRunner(deps: DryRunDeps, stopping: AbortSignal): DryRunner {
  const places = createJobSlots(deps.settings.places)
  return {
    async plan(request) {
      if (stopping.aborted) throw isStopping()
      const plan = places.tryRun(() => planTask(request, deps, stopping))
      if (plan) return plan
      throw new CutroomError('service.busy', 'Every place for plans is taken; try again in a moment.', {
        headers: { 'Retry-After': '2' },
      })
    },
    empty: places.drained,
  }
}

/** Looks at the sources of a recipe and plans it. What cannot be looked at gives a plan that says so. */
async function planTask(
  { user_id: userId, recipe }: DryRunRequest,
  deps: DryRunDeps,
  stopping: AbortSignal,
): Promise<DryRunResult> {
  const { media, settings } = deps
  using patience = untilDeadline(settings.deadlineMs, stopping)
  try {
    await using space = await openWorkspace(settings.scratchDir, {
      jobId: `plan-${randomUUID()}`,
      attempt: 0,
    })
    await using files = await openFiles({ userId, recipe }, deps, space.dir, patience.signal)
    patience.signal.throwIfAborted()
    const drafted = await media.dryRun(recipe, files, patience.signal)
    const copied = files.sources.map(({ url }) => url.startsWith('file:'))
    return toDryRunResult(recipe, drafted, { ...settings, copied })
  } catch (thrown) {
    const error = asCutroomError(thrown)
    if (!UNREAD.includes(error.code)) throw thrown
    deps.log.info('source could not be looked at', { code: error.code })
    return describeUnread(error, settings.limitMs)
  }
}

/** Says more of the source, or of the moment, than of the recipe. */
const UNREAD: ErrorCode[] = [
  'source.unavailable',
  'source.denied',
  'source.not_found',
  'media.unreadable',
  'media.timed_out',
]

/** A signal that is aborted at the deadline, when the process stops, and when it is left: nothing goes on then. */
function untilDeadline(ms: number, stopping: AbortSignal): Disposable & { signal: AbortSignal } {
  const ended = new AbortController()
  const late = () =>
    new CutroomError(
      'media.timed_out',
      `The sources could not be looked at within ${ms / 1000} s. A task may take longer, and may well succeed.`,
    )
  const timer = setTimeout(() => ended.abort(late()), ms)
  const stop = () => ended.abort(isStopping())
  stopping.addEventListener('abort', stop)
  return {
    signal: ended.signal,
    [Symbol.dispose]() {
      clearTimeout(timer)
      stopping.removeEventListener('abort', stop)
      ended.abort(new Error('the plan is over'))
    },
  }
}

const isStopping = () =>
  new CutroomError('service.stopping', 'This instance is shutting down; another one can plan.', {
    headers: { 'Retry-After': '2' },
  })
