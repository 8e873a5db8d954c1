import { PACE, type Pace } from './blocks.ts'

/** What a source may hold in memory: bytes of blocks it has read, and what its pace has under way. */
export type MemoryShare = { pace: Pace; keepBytes: number }

const MB = 1024 ** 2

/** For all sources that are open together: room for three at full pace, some 21 MB each. */
export const SOURCES_BYTES = 64 * MB

/** What a probe has read, so that the run after it need not ask again: an MP4's index, mostly. */
const MOST_KEPT = 16 * MB

/**
 * The share of one source where so many are open: a quarter of it for blocks under way, the rest for blocks that
 * were read. One small block is left to each, however many there are.
 */
export function shareOf(open: number, bytes = SOURCES_BYTES): MemoryShare {
  const each = Math.floor(bytes / Math.max(1, open))
  const blocks = PACE.mostAhead + 1
  const underWay = Math.min(blocks * PACE.mostBytes, each / 4)
  const mostBytes = Math.max(PACE.firstBytes, Math.min(PACE.mostBytes, Math.floor(underWay / blocks)))
  const mostAhead = Math.max(0, Math.min(PACE.mostAhead, Math.floor(underWay / mostBytes) - 1))
  const left = each - (mostAhead + 1) * mostBytes
  return {
    pace: { firstBytes: PACE.firstBytes, mostBytes, mostAhead },
    keepBytes: Math.max(0, Math.min(MOST_KEPT, left)),
  }
}
