import type { ByteRange } from '#shared/storage/port.ts'

/** A stretch of a file that is at hand. */
export type Block = { start: number; data: Buffer }

/** How much is asked for at a time, in bytes, and how many blocks at once. */
export type ReadAhead = { initialBlockBytes: number; maxBlockBytes: number; maxBlocksAhead: number }

/**
 * Reading starts with small blocks, since ffmpeg often looks at a few bytes and jumps away, and grows while
 * it keeps going in one direction. 18 s out of the middle of a 60-minute file of 2.7 GB, over connections of
 * 10 MB/s and 20 ms: 0.9 s with four blocks ahead, 2.5 s with none, and 1.0 % of the file instead of 0.9 %.
 * Blocks of 2 MB are a sixth faster on long stretches, but waste up to 1.7 % where the source is very near.
 */
export const READ_AHEAD: ReadAhead = {
  initialBlockBytes: 256 * 1024,
  maxBlockBytes: 1024 ** 2,
  maxBlocksAhead: 4,
}

/** Size in bytes of the block that follows `run` blocks read in a row. */
export const blockSize = (run: number, readAhead: ReadAhead): number =>
  Math.min(readAhead.maxBlockBytes, readAhead.initialBlockBytes * 2 ** Math.min(run, 20))

/** How many blocks are asked for before their turn, after `run` blocks read in a row. */
export const blocksAhead = (run: number, readAhead: ReadAhead): number =>
  Math.min(run, readAhead.maxBlocksAhead)

/** The bytes to ask for at a position: one block, but none past the end nor any that are at hand. */
export function nextBlockRange(
  position: number,
  { run, end, held, readAhead }: { run: number; end: number; held: readonly Block[]; readAhead: ReadAhead },
): ByteRange {
  const nextHeld = Math.min(...held.map(({ start }) => start).filter((start) => start > position))
  return { start: position, end: Math.min(position + blockSize(run, readAhead) - 1, nextHeld - 1, end) }
}

/** Blocks that were read before, least recently used first, at most `keepBytes` of them: the last one always. */
export type BlockCache = {
  blocks(): readonly Block[]
  /** The block around a position. */
  find(position: number): Block | undefined
  add(block: Block): void
  /** Forgets what is too much by now. */
  evict(): void
}

export function createBlockCache(keepBytes: () => number): BlockCache {
  let blocks: Block[] = []
  const moveToEnd = (block: Block) => {
    blocks = [...blocks.filter((other) => other !== block), block]
  }
  const evict = () => {
    let kept = blocks.reduce((sum, { data }) => sum + data.length, 0)
    while (kept > keepBytes() && blocks.length > 1) kept -= blocks.shift()?.data.length ?? 0
  }
  return {
    blocks: () => blocks,
    find(position) {
      const found = blocks.find(({ start, data }) => start <= position && position < start + data.length)
      if (found) moveToEnd(found)
      return found
    },
    add(block) {
      moveToEnd(block)
      evict()
    },
    evict,
  }
}
