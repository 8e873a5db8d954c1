import { asCutroomError, type CutroomError } from '#shared/errors.ts'
import type { ByteRange } from '#shared/storage/port.ts'
import { createBlockCache } from './block-cache.ts'
import { createBlockFetcher } from './block-fetcher.ts'
import { blocksAhead, nextBlockRange } from './blocks.ts'
import { type MemoryBudget, memoryBudget } from './memory-budget.ts'
import type { WaitClock } from './pace/wait-clock.ts'
import type { RangedBytes } from './ranged-bytes.ts'

export type BlockReader = {
  /** In bytes. */
  size: number
  /** See RangedBytes. */
  tag: string | null
  /**
   * The bytes of a range, in order, fetched little faster than they are consumed. Leaving the loop or aborting
   * cancels all requests in progress.
   * @throws CutroomError of the source, which `readError` keeps.
   */
  stream(range: ByteRange, signal: AbortSignal): AsyncGenerator<Buffer>
  /** All bytes fetched so far, including those that nobody consumed. */
  bytesRead(): number
  /** The first error that kept a consumer from its bytes. */
  readError(): CutroomError | undefined
  /** Frees cached blocks beyond the current budget. */
  evict(): void
}

type PendingBlock = ByteRange & { data: Promise<Buffer> }

/**
 * Reads a remote file in blocks: small ones after a seek, then larger ones and several at once. `head` is what is
 * known of its first bytes. `budget` returns how much memory the reader may use now; it is called again and again. `waiting`
 * measures how long consumers wait for bytes.
 */
export function createBlockReader(
  source: RangedBytes,
  {
    head,
    budget = () => memoryBudget(1),
    waiting = (work) => work(),
  }: { head?: Buffer; budget?: () => MemoryBudget; waiting?: WaitClock['during'] } = {},
): BlockReader {
  const cache = createBlockCache(() => budget().cacheBytes)
  const fetcher = createBlockFetcher(source, cache)
  let readError: CutroomError | undefined
  if (head) cache.add({ start: 0, data: head })

  async function* stream(range: ByteRange, signal: AbortSignal): AsyncGenerator<Buffer> {
    const finished = new AbortController()
    const blocks = readAhead(range, AbortSignal.any([signal, finished.signal]))
    try {
      for (let position = range.start; position <= range.end; ) {
        const block = blocks.next()
        const data = await waiting(() => block.data)
        yield data.subarray(position - block.start, range.end + 1 - block.start)
        position = block.end + 1
      }
    } catch (error) {
      if (!signal.aborted) readError ??= asCutroomError(error)
      throw error
    } finally {
      finished.abort()
    }
  }

  /** The blocks of a range in order, with those ahead of the reader requested in advance. */
  function readAhead(range: ByteRange, signal: AbortSignal) {
    const pending: PendingBlock[] = []
    let nextStart = range.start
    let blocksRead = 0
    function request() {
      const options = { blocksRead: blocksRead + pending.length, end: range.end, signal }
      const block = requestBlock(nextStart, options)
      nextStart = block.end + 1
      return block
    }
    return {
      next(): PendingBlock {
        while (pending.length <= blocksAhead(blocksRead, budget().readAhead) && nextStart <= range.end) {
          pending.push(request())
        }
        blocksRead++
        return pending.shift() as PendingBlock
      },
    }
  }

  /** The block that contains a position: from the cache, or requested now. */
  function requestBlock(
    position: number,
    { blocksRead, end, signal }: { blocksRead: number; end: number; signal: AbortSignal },
  ): PendingBlock {
    const hit = cache.find(position)
    if (hit)
      return { start: hit.start, end: hit.start + hit.data.length - 1, data: Promise.resolve(hit.data) }
    const where = { blocksRead, end, cached: cache.blocks(), readAhead: budget().readAhead }
    const range = nextBlockRange(position, where)
    const data = fetcher.fetch(range, signal)
    // A block that fails ahead of the reader reports its error when the reader gets there, or never.
    data.catch(() => undefined)
    return { ...range, data }
  }

  return {
    size: source.size,
    tag: source.tag ?? null,
    stream,
    bytesRead: () => (head?.length ?? 0) + fetcher.bytesRead(),
    readError: () => readError,
    evict: cache.evict,
  }
}
