import { READ_AHEAD, type ReadAhead } from './blocks.ts'

/** What a source may hold in memory: bytes of blocks it has read, and what its pace has under way. */
export type MemoryBudget = { readAhead: ReadAhead; cacheBytes: number }

const MB = 1024 ** 2

/** For all sources that are open together: room for three at full pace, some 21 MB each. */
export const TOTAL_SOURCE_BYTES = 64 * MB

/** What a probe has read, so that the run after it need not ask again: an MP4's index, mostly. */
const MOST_KEPT = 16 * MB

/**
 * The share of one source where so many are open: a quarter of it for blocks under way, the rest for blocks that
 * were read. One small block is left to each, however many there are.
 */
export function memoryBudget(open: number, bytes = TOTAL_SOURCE_BYTES): MemoryBudget {
  const each = Math.floor(bytes / Math.max(1, open))
  const blocks = READ_AHEAD.maxBlocksAhead + 1
  const underWay = Math.min(blocks * READ_AHEAD.maxBlockBytes, each / 4)
  const maxBlockBytes = Math.max(
    READ_AHEAD.initialBlockBytes,
    Math.min(READ_AHEAD.maxBlockBytes, Math.floor(underWay / blocks)),
  )
  const maxBlocksAhead = Math.max(
    0,
    Math.min(READ_AHEAD.maxBlocksAhead, Math.floor(underWay / maxBlockBytes) - 1),
  )
  const left = each - (maxBlocksAhead + 1) * maxBlockBytes
  return {
    readAhead: { initialBlockBytes: READ_AHEAD.initialBlockBytes, maxBlockBytes, maxBlocksAhead },
    cacheBytes: Math.max(0, Math.min(MOST_KEPT, left)),
  }
}
