import { setTimeout as pause } from 'node:timers/promises'
import { asCutroomError, type CutroomError } from '#shared/errors.ts'
import type { ByteRange } from '#shared/storage/port.ts'
import { blocksAhead, createBlockCache, nextBlockRange } from './blocks.ts'
import { rangeLength } from './byte-ranges.ts'
import { type MemoryBudget, memoryBudget } from './memory-budget.ts'
import type { RangedBytes } from './ranged-bytes.ts'
import { sourceUnavailable } from './source-errors.ts'

/** Tries at one stretch of bytes that brought nothing, and the pause after the first in milliseconds. */
const TRIES = 3
const PAUSE_MS = 200

export type BlockReader = {
  /** In bytes. */
  size: number
  /**
   * The bytes of a range, in order, as fast as they are taken and little faster. Leaving the loop, or
   * aborting, breaks off what is under way. Fails with a CutroomError, which `fault` keeps.
   */
  stream(range: ByteRange, signal: AbortSignal): AsyncGenerator<Buffer>
  /** Bytes fetched until now, those fetched in vain among them. */
  bytesRead(): number
  /** What first kept a reader from its bytes. */
  readError(): CutroomError | undefined
  /** Forgets what is more than its share. */
  evict(): void
}

type Coming = ByteRange & { data: Promise<Buffer> }

/**
 * Reads a far file in blocks: small after a jump, then larger and several at once. `head`: its first bytes.
 * `share` tells what it may hold now, and is asked again and again.
 */
export function createBlockReader(
  source: RangedBytes,
  { head, share = () => memoryBudget(1) }: { head?: Buffer; share?: () => MemoryBudget } = {},
): BlockReader {
  const store = createBlockCache(() => share().cacheBytes)
  let bytesRead = head?.length ?? 0
  let fault: CutroomError | undefined
  if (head) store.add({ start: 0, data: head })

  async function* stream(range: ByteRange, signal: AbortSignal): AsyncGenerator<Buffer> {
    const left = new AbortController()
    const either = AbortSignal.any([signal, left.signal])
    const coming: Coming[] = []
    let asked = range.start
    try {
      for (let run = 0, position = range.start; position <= range.end; run++) {
        while (coming.length <= blocksAhead(run, share().readAhead) && asked <= range.end) {
          const block = obtain(asked, { run: run + coming.length, end: range.end, signal: either })
          coming.push(block)
          asked = block.end + 1
        }
        const block = coming.shift() as Coming
        const data = await block.data
        yield data.subarray(position - block.start, range.end + 1 - block.start)
        position = block.end + 1
      }
    } catch (error) {
      if (!signal.aborted) fault ??= asCutroomError(error)
      throw error
    } finally {
      left.abort()
    }
  }

  /** The block around a position: at hand, or asked for now. */
  function obtain(
    position: number,
    { run, end, signal }: { run: number; end: number; signal: AbortSignal },
  ): Coming {
    const at = store.find(position)
    if (at) return { start: at.start, end: at.start + at.data.length - 1, data: Promise.resolve(at.data) }
    const range = nextBlockRange(position, { run, end, held: store.blocks(), readAhead: share().readAhead })
    const data = fetchAll(range, signal)
    // A block that fails before its turn is told when its turn comes, or never if nobody waits for it.
    data.catch(() => undefined)
    return { ...range, data }
  }

  /** All bytes of a range. What breaks off is taken up where it broke off. */
  async function fetchAll(range: ByteRange, signal: AbortSignal): Promise<Buffer> {
    const chunks: Buffer[] = []
    let start = range.start
    for (let attempt = 1; start <= range.end; attempt++) {
      try {
        for await (const chunk of source.read({ start, end: range.end }, { signal, attempt })) {
          chunks.push(chunk)
          start += chunk.length
          bytesRead += chunk.length
          attempt = 1
        }
        if (start <= range.end && attempt >= TRIES) throw sourceUnavailable(source.name, 'it broke off')
      } catch (error) {
        // Nobody waits for it any more, but what has come need not come again for the next who asks.
        if (signal.aborted && chunks.length > 0)
          store.add({ start: range.start, data: Buffer.concat(chunks) })
        signal.throwIfAborted()
        if (attempt >= TRIES || !asCutroomError(error).retry) throw error
        await pause(PAUSE_MS * attempt, undefined, { signal })
      }
    }
    const data = Buffer.concat(chunks, rangeLength(range))
    store.add({ start: range.start, data })
    return data
  }

  return { size: source.size, stream, bytesRead: () => bytesRead, readError: () => fault, evict: store.evict }
}
