import { setTimeout as delay } from 'node:timers/promises'
import { backoff } from '#shared/backoff.ts'
import { asCutroomError } from '#shared/errors.ts'
import { rangeLength } from '#shared/http/byte-ranges.ts'
import type { ByteRange } from '#shared/storage/port.ts'
import type { BlockCache } from './block-cache.ts'
import type { RangedBytes } from './ranged-bytes.ts'
import { sourceUnavailable } from './source-errors.ts'

/** Attempts in a row that brought no bytes, after which a block is given up. */
const MAX_ATTEMPTS = 3
const RETRY_BACKOFF = { baseMs: 200, maxMs: 1000 }

export type BlockFetcher = {
  /**
   * Fetches all bytes of a range into the cache. An interrupted connection is resumed where it broke.
   * @throws the source's own CutroomError after the last attempt, and the signal's reason when aborted; what had
   * arrived by then stays in the cache.
   */
  fetch(range: ByteRange, signal: AbortSignal): Promise<Buffer>
  /** All bytes received so far. */
  bytesRead(): number
}

export function createBlockFetcher(source: RangedBytes, cache: Pick<BlockCache, 'add'>): BlockFetcher {
  let bytesRead = 0

  async function fetch(range: ByteRange, signal: AbortSignal): Promise<Buffer> {
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
        if (start <= range.end && attempt >= MAX_ATTEMPTS) throw endedEarly(source.name)
      } catch (error) {
        // Nobody waits for this block any more, but the next reader need not fetch these bytes again.
        if (signal.aborted && chunks.length > 0) {
          cache.add({ start: range.start, data: Buffer.concat(chunks) })
        }
        signal.throwIfAborted()
        if (attempt >= MAX_ATTEMPTS || !asCutroomError(error).retry) throw error
        await delay(backoff(attempt, RETRY_BACKOFF), undefined, { signal })
      }
    }
    const [only] = chunks
    // Copies of blocks are what makes the garbage collector run while ffmpeg reads.
    const data = only?.length === rangeLength(range) ? only : Buffer.concat(chunks, rangeLength(range))
    cache.add({ start: range.start, data })
    return data
  }

  return { fetch, bytesRead: () => bytesRead }
}

const endedEarly = (name: string) => sourceUnavailable(name, 'the connection keeps ending early')
