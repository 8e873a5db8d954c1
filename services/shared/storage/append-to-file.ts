import type { FileHandle } from 'node:fs/promises'
import { CutroomError } from '../errors.ts'
import { withDiskErrors } from './disk-errors.ts'

export type AppendOptions = {
  /** The object's key, for error messages. */
  key: string
  /** Maximum size of the whole object. */
  maxBytes: number
  /** Number of bytes already in the file. */
  offset?: number | undefined
  /** Called with every chunk, in order, after it was written. */
  onChunk?: ((chunk: Buffer) => void) | undefined
}

/**
 * Appends a stream to a file, one chunk in memory at a time. Returns the resulting number of bytes in the file.
 *
 * @throws CutroomError `request.too_large` before a byte beyond maxBytes is written, `media.disk_full` or
 * `storage.unavailable`; the stream's own error unchanged.
 */
export async function appendToFile(
  body: AsyncIterable<Uint8Array | string>,
  file: FileHandle,
  { key, maxBytes, offset = 0, onChunk }: AppendOptions,
): Promise<number> {
  let bytes = offset
  for await (const data of body) {
    const chunk = Buffer.isBuffer(data) ? data : Buffer.from(data)
    if (bytes + chunk.length > maxBytes) throw tooLarge(key, maxBytes)
    await withDiskErrors(`write ${key}`, () => writeAll(file, chunk, bytes))
    bytes += chunk.length
    onChunk?.(chunk)
  }
  return bytes
}

/** The error for an object that is larger than allowed. */
export function tooLarge(key: string, maxBytes: number): CutroomError {
  return new CutroomError(
    'request.too_large',
    `${key} is larger than the limit of ${maxBytes} bytes; send a smaller file.`,
  )
}

async function writeAll(file: FileHandle, chunk: Buffer, position: number): Promise<void> {
  let written = 0
  while (written < chunk.length) {
    const { bytesWritten } = await file.write(chunk, written, chunk.length - written, position + written)
    written += bytesWritten
  }
}
