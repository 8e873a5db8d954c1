import type { BatchServices } from '../deps.ts'
import { createGuardedFetch } from '../sources/guarded-fetch.ts'
import { createSourceReader, type SourceReader } from './source-reader.ts'

/** Reads are short and hold little memory: up to 2 MiB each. */
const CONCURRENCY = 8
const DEADLINE_MS = 15_000

/** Builds what reads blocks of sources for previews. Reads end with `service.stopping` once `stopping` is aborted. */
export function wireSourceReader(
  { config }: Pick<BatchServices, 'config'>,
  stopping: AbortSignal,
): SourceReader & {
  /** Closes the connections to sources; call it when nothing is being read. */
  close(): Promise<void>
} {
  const fetch = createGuardedFetch(config.sources)
  const settings = {
    concurrency: CONCURRENCY,
    deadlineMs: DEADLINE_MS,
    maxBytes: config.sources.maxBytes,
  }
  return { ...createSourceReader({ fetch, settings }, stopping), close: fetch.close }
}
