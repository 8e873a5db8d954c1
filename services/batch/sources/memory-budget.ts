import { READ_AHEAD, type ReadAhead } from './blocks.ts'

/** How much memory one source may use: for blocks being requested, and for cached blocks, in bytes. */
export type MemoryBudget = { readAhead: ReadAhead; cacheBytes: number }

const MB = 1024 ** 2

/** Shared by all open sources: enough for three at full speed, about 21 MB each. */
export const TOTAL_SOURCE_BYTES = 64 * MB

/** Keeps what a probe has read, mostly the index of an MP4, so that the run after it need not fetch it again. */
export const MAX_CACHE_BYTES = 16 * MB

/**
 * The memory budget of one source when so many are open: a quarter of its share for blocks being requested, the
 * rest for cached blocks. Each source gets at least one small block, however many are open.
 */
export function memoryBudget(openSources: number, totalBytes = TOTAL_SOURCE_BYTES): MemoryBudget {
  const share = Math.floor(totalBytes / Math.max(1, openSources))
  const blocks = READ_AHEAD.maxBlocksAhead + 1
  const requestedBytes = Math.min(blocks * READ_AHEAD.maxBlockBytes, share / 4)
  const maxBlockBytes = Math.max(
    READ_AHEAD.initialBlockBytes,
    Math.min(READ_AHEAD.maxBlockBytes, Math.floor(requestedBytes / blocks)),
  )
  const maxBlocksAhead = Math.max(
    0,
    Math.min(READ_AHEAD.maxBlocksAhead, Math.floor(requestedBytes / maxBlockBytes) - 1),
  )
  const remaining = share - (maxBlocksAhead + 1) * maxBlockBytes
  return {
    readAhead: { initialBlockBytes: READ_AHEAD.initialBlockBytes, maxBlockBytes, maxBlocksAhead },
    cacheBytes: Math.max(0, Math.min(MAX_CACHE_BYTES, remaining)),
  }
}

/** The budget of a source that is read once, from its beginning to its end: 2 MB while it is read, nothing otherwise. */
export const READ_ONCE: MemoryBudget = { readAhead: { ...READ_AHEAD, maxBlocksAhead: 1 }, cacheBytes: 0 }
