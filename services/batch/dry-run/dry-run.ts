import type { DryRunRequest, DryRunResult } from '#shared/contract/dry-run.ts'
import { asCutroomError, type ErrorCode } from '#shared/errors.ts'
import type { Logger } from '#shared/observability/logger.ts'
import type { ChunkSettings } from '../media/chunks/types.ts'
import { withSourcePerClip } from '../media/plan/clips.ts'
import type { MediaEngine } from '../media/types.ts'
import { toDryRunResult, toUnprobedResult, type WorkLimit } from './dry-run-response.ts'
import { createShortWork, type ShortWorkDeps, type ShortWorkSettings } from './short-work.ts'

export type DryRunDeps = ShortWorkDeps & {
  media: Pick<MediaEngine, 'dryRun'>
  settings: DryRunSettings
  log: Logger
}

/**
 * `slots`: jobs that a worker runs at a time, each with `cores` to itself. `chunks`: how long work is divided; undefined: never.
 */
type DryRunSettings = WorkLimit &
  ShortWorkSettings & { slots: number; cores: number; chunks: ChunkSettings | undefined }

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
  const { media, settings, log } = deps
  const dryRuns = createShortWork('dry run', deps, settings, stopping)
  return {
    async dryRun({ user_id: userId, recipe: requested }, caller) {
      const recipe = withSourcePerClip(requested)
      try {
        return await dryRuns.run({ userId, recipe }, caller, async (files, scratchDir, signal) => {
          const planned = await media.dryRun(recipe, files, { signal, divide: settings.chunks, scratchDir })
          // A stored object is a file as well, of which only what is needed is read.
          const copied = files.sources.map(({ url, file }) => url.startsWith('file:') && !file)
          return toDryRunResult(recipe, planned, { ...settings, copied })
        })
      } catch (thrown) {
        const error = asCutroomError(thrown)
        if (!UNPROBED.includes(error.code)) throw thrown
        log.info('dry run could not probe a source', { code: error.code })
        return toUnprobedResult(error, settings)
      }
    },
    drained: dryRuns.drained,
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
