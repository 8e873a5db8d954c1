import { createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { CutroomError } from '#shared/errors.ts'
import { sourceTooLarge, sourceUnavailable, systemErrorCode } from './source-errors.ts'

/** Bytes that come once, in order. `size` in bytes, where the far end tells. */
export type SequentialBytes = { host: string; size: number | undefined; body: AsyncIterable<Buffer> }

/**
 * Writes a source that gives no ranges to a file, and answers with its size in bytes. `onBytes` hears of every chunk
 * before it is written, and what it throws ends the copying. Throws
 * `source.too_large`, `source.unavailable` when it ends early, `media.unreadable` when nothing comes,
 * `media.disk_full`, and the signal's reason when aborted.
 */
export async function copyToScratch(
  source: SequentialBytes,
  path: string,
  {
    maxBytes,
    signal,
    onBytes = () => {},
  }: { maxBytes: number; signal: AbortSignal; onBytes?: (bytes: number) => void },
): Promise<number> {
  let bytes = 0
  async function* limited() {
    for await (const chunk of source.body) {
      bytes += chunk.length
      if (bytes > maxBytes) throw sourceTooLarge(source.host, maxBytes)
      onBytes(chunk.length)
      yield chunk
    }
  }
  try {
    await pipeline(limited, createWriteStream(path), { signal })
  } catch (error) {
    signal.throwIfAborted()
    throw isDiskFull(error) ? diskFull(source.host, bytes, error) : error
  }
  if (bytes === 0) throw new CutroomError('media.unreadable', `The source at ${source.host} is empty.`)
  if (source.size !== undefined && bytes !== source.size) throw sourceUnavailable(source.host, 'it broke off')
  return bytes
}

const isDiskFull = (error: unknown) => ['ENOSPC', 'EDQUOT'].includes(systemErrorCode(error))

const diskFull = (host: string, bytes: number, cause: unknown) =>
  new CutroomError('media.disk_full', `No room was left after ${bytes} bytes of the source at ${host}.`, {
    cause,
  })
