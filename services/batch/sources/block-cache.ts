import type { Block } from './blocks.ts'

/** Blocks that were read before. The last one stays even if it is larger than the cache, unless that has no size at all. */
export type BlockCache = {
  /** All blocks, least recently used first. */
  blocks(): readonly Block[]
  /** The block that contains a position. */
  find(position: number): Block | undefined
  add(block: Block): void
  /** Evicts the least recently used blocks beyond the current size of the cache. */
  evict(): void
}

/** An LRU cache of blocks. `maxBytes` is called again for each eviction, so that a cache can shrink. */
export function createBlockCache(maxBytes: () => number): BlockCache {
  let blocks: Block[] = []
  const moveToEnd = (block: Block) => {
    blocks = [...blocks.filter((other) => other !== block), block]
  }
  const evict = () => {
    let bytes = blocks.reduce((sum, { data }) => sum + data.length, 0)
    const kept = maxBytes() === 0 ? 0 : 1
    while (bytes > maxBytes() && blocks.length > kept) bytes -= blocks.shift()?.data.length ?? 0
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
