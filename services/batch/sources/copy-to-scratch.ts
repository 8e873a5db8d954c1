import { open } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { CutroomError } from '#shared/errors.ts'
import { sourceEmpty, sourceTooLarge, sourceUnavailable, systemErrorCode } from './source-errors.ts'

/** A body that can only be read once, in order. `size` is in bytes, where the host states it. */
export type SequentialBytes = { host: string; size: number | undefined; body: AsyncIterable<Buffer> }

export type CopyOptions = {
  maxBytes: number
  signal: AbortSignal
  /** Called with the length of each chunk before it is written. An error that it throws ends the copy. */
  onBytes?: (bytes: number) => void
}

/**
 * Writes a source whose host does not support range requests to a file, and returns its size in bytes.
 * @throws CutroomError `source.too_large`, `source.unavailable` when it ends early, `media.unreadable` when it is
 * empty, `media.disk_full`; what `onBytes` throws, and the signal's reason when aborted.
 */
export async function copyToScratch(
  source: SequentialBytes,
  path: string,
  { maxBytes, signal, onBytes = () => {} }: CopyOptions,
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
    // Opened beforehand: a stream that fails at once may still be opening its file while the caller removes it.
    await using file = await open(path, 'w')
    await pipeline(limited, file.createWriteStream(), { signal })
  } catch (error) {
    signal.throwIfAborted()
    throw isDiskFull(error) ? diskFull(source.host, bytes, error) : error
  }
  if (bytes === 0) throw sourceEmpty(source.host)
  if (source.size !== undefined && bytes !== source.size) {
    throw sourceUnavailable(source.host, `the connection ended after ${bytes} of ${source.size} bytes`)
  }
  return bytes
}

const isDiskFull = (error: unknown) => ['ENOSPC', 'EDQUOT'].includes(systemErrorCode(error))

const diskFull = (host: string, bytes: number, cause: unknown) =>
  new CutroomError(
    'media.disk_full',
    `Cannot copy the source from ${host}: the scratch disk was full after ${bytes} bytes.`,
    { cause },
  )
