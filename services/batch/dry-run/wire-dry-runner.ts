import type { BatchServices } from '../deps.ts'
import { chunkSettings } from '../jobs/chunk-settings.ts'
import { createSources } from '../sources/open-source.ts'
import { createDryRunner, type DryRunner } from './dry-run.ts'

const CONCURRENCY = 2
const DEADLINE_MS = 30_000
/** Bounds what a dry run copies of a source without ranges: it shares the scratch space with jobs. */
const MAX_COPY_BYTES = 32 * 1024 ** 2

/** Builds what answers dry runs. They end with `service.stopping` once `stopping` is aborted. */
export function wireDryRunner(
  { config, storage, uploads, media, rangeServer, coresPerJob, log }: BatchServices,
  stopping: AbortSignal,
): DryRunner & {
  /** Closes the connections to sources; call it when no dry run is in progress. */
  close(): Promise<void>
} {
  const { scratchDir, longestDeadlineMs: limitMs, isLimited } = config.media
  const limits = { ...config.sources, minPace: config.sourcePace, maxCopyBytes: MAX_COPY_BYTES }
  const sources = createSources({ storage, limits, rangeServer, log })
  const settings = {
    concurrency: CONCURRENCY,
    deadlineMs: DEADLINE_MS,
    scratchDir,
    limitMs,
    isLimited,
    slots: config.jobs.concurrency,
    cores: coresPerJob,
    chunks: chunkSettings(config, coresPerJob),
  }
  const runner = createDryRunner({ sources, media, uploads, settings, log }, stopping)
  return { ...runner, close: sources.close }
}
