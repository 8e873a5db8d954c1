import type { FileHandle } from 'node:fs/promises'
import { CutroomError } from '../errors.ts'
import { withDiskErrors } from './disk-errors.ts'

export type AppendOptions = {
  /** Named in errors. */
  key: string
  /** Bytes the whole object may have. */
  maxBytes: number
  /** Bytes of the object that are in the file already. */
  offset?: number
  /** Sees every chunk once, in order, after it was written. */
  onChunk?: (chunk: Buffer) => void
}

/**
 * Appends a stream to a file, one chunk in memory at a time. Returns the bytes then in the file.
 * Throws `request.too_large` before the first byte too many is written, disk errors as CutroomErrors, and
 * the stream's own error as it is.
 */
export async function appendToFile(
  body: AsyncIterable<Uint8Array | string>,
  file: FileHandle,
  { key, maxBytes, offset = 0, onChunk }: AppendOptions,
): Promise<number> {
  let bytes = offset
  for await (const piece of body) {
    const chunk = Buffer.isBuffer(piece) ? piece : Buffer.from(piece)
    if (bytes + chunk.length > maxBytes) throw tooLarge(key, maxBytes)
    await withDiskErrors(`write ${key}`, () => writeAll(file, chunk, bytes))
    bytes += chunk.length
    onChunk?.(chunk)
  }
  return bytes
}

/** The error of an object that would be larger than allowed. */
export function tooLarge(key: string, maxBytes: number): CutroomError {
  return new CutroomError(
    'request.too_large',
    `The bytes for ${key} are more than the ${maxBytes} that are taken. Send a smaller file.`,
  )
}

async function writeAll(file: FileHandle, chunk: Buffer, position: number): Promise<void> {
  let done = 0
  while (done < chunk.length) {
    done += (await file.write(chunk, done, chunk.length - done, position + done)).bytesWritten
  }
}
