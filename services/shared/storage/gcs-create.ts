import { randomUUID } from 'node:crypto'
import { addAbortSignal, type Readable, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { bufferHead, limited } from './buffer-head.ts'
import { createCrc32c } from './crc32c.ts'
import { asStorageError } from './gcs-errors.ts'
import { checkKey } from './keys.ts'
import type { ObjectInfo, Storage } from './port.ts'

/** What making an object needs of Cloud Storage; every write carries the precondition "only if absent". */
export type GcsWriter = {
  /** Writes a small object in one request, whose checksum the bucket verifies before the object is there. */
  save(bytes: Buffer, about: Written & { crc32c: string }): Promise<ObjectInfo>
  /** Opens a resumable upload in chunks; `info` is known once the stream has finished. */
  open(about: Written): { stream: Writable; info(): ObjectInfo; cancel(): Promise<void> }
  /** The object, when it carries this mark. */
  findOwn(mark: string): Promise<ObjectInfo | undefined>
  remove(): Promise<void>
}

type Written = { contentType: string; mark: string }

/** Smaller objects go in one request; of larger ones this much is kept in memory to send a chunk again. */
export const CHUNK_BYTES = 8 * 1024 * 1024

/**
 * Makes an object as Storage.create promises. Each attempt marks its object: when a reply is lost, the repeat
 * meets the object that the first try made (412), and only the mark tells it from somebody else's.
 */
export async function createObject(
  writerOf: (key: string) => GcsWriter,
  key: string,
  body: Readable,
  { contentType, maxBytes = Number.POSITIVE_INFINITY, signal }: Parameters<Storage['create']>[2],
): Promise<ObjectInfo> {
  body.on('error', () => {})
  if (signal) addAbortSignal(signal, body)
  const writer = writerOf(checkKeyOrDestroy(key, body))
  const about = { contentType, mark: randomUUID() }
  const source = watched(limited(body, key, maxBytes))
  try {
    const info = await write(writer, about, source.chunks, signal)
    signal?.throwIfAborted()
    return info
  } catch (thrown) {
    body.destroy()
    const own = await writer.findOwn(about.mark)
    if (own && !signal?.aborted && !source.failed()) return own
    if (own) await writer.remove()
    signal?.throwIfAborted()
    throw source.failed() ? thrown : asStorageError(`store ${key}`, thrown, { 412: 'storage.exists' })
  }
}

async function write(
  writer: GcsWriter,
  about: Written,
  chunks: AsyncGenerator<Buffer>,
  signal: AbortSignal | undefined,
): Promise<ObjectInfo> {
  const { head, rest } = await bufferHead(chunks, CHUNK_BYTES)
  if (!rest) {
    const bytes = Buffer.concat(head)
    return await writer.save(bytes, { ...about, crc32c: checksum(bytes) })
  }
  const upload = writer.open(about)
  try {
    await pipeline(joined(head, rest), upload.stream, { signal })
    return upload.info()
  } catch (thrown) {
    await upload.cancel()
    throw thrown
  }
}

/** A stream's chunks, and whether it was the stream that failed rather than who reads it. */
function watched(source: AsyncGenerator<Buffer>) {
  let failure = false
  async function* watch() {
    try {
      yield* source
    } catch (thrown) {
      failure = true
      throw thrown
    }
  }
  return { chunks: watch(), failed: () => failure }
}

/** Empties the head as it goes, so that its memory is free again when the rest is on its way. */
async function* joined(head: Buffer[], rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  for (let chunk = head.shift(); chunk; chunk = head.shift()) yield chunk
  yield* rest
}

function checksum(bytes: Buffer): string {
  const crc = createCrc32c()
  crc.update(bytes)
  return crc.digest()
}

function checkKeyOrDestroy(key: string, body: Readable): string {
  try {
    return checkKey(key)
  } catch (thrown) {
    body.destroy()
    throw thrown
  }
}
