import type { BatchServices } from '../deps.ts'
import { createSources } from '../sources/open-source.ts'
import { createInspector, type Inspector } from './inspector.ts'

const CONCURRENCY = 2
/** What was read until then is the result. */
const READ_MS = 20_000
/** Two inspections read one after the other, because each takes all of their memory; the rest is for opening and probing. */
const DEADLINE_MS = CONCURRENCY * READ_MS + 6_000
/** Bounds what is copied of a source without ranges: an inspection shares the scratch space with jobs. */
const MAX_COPY_BYTES = 32 * 1024 ** 2

/** Builds what reads waveforms and key frames. Inspections end with `service.stopping` once `stopping` is aborted. */
export function wireInspector(
  { config, storage, uploads, media, rangeServer, log }: BatchServices,
  stopping: AbortSignal,
): Inspector & {
  /** Closes the connections to sources; call it when no inspection is in progress. */
  close(): Promise<void>
} {
  const limits = { ...config.sources, minPace: config.sourcePace, maxCopyBytes: MAX_COPY_BYTES }
  const sources = createSources({ storage, limits, rangeServer, log })
  const { scratchDir } = config.media
  const settings = { concurrency: CONCURRENCY, deadlineMs: DEADLINE_MS, readMs: READ_MS, scratchDir }
  const inspector = createInspector({ sources, media, uploads, settings }, stopping)
  return { ...inspector, close: sources.close }
}
