import { randomUUID } from 'node:crypto'
import { addAbortSignal, type Readable, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { bufferHead, limited } from './buffer-head.ts'
import { createCrc32c } from './crc32c.ts'
import { asStorageError } from './gcs-errors.ts'
import { checkKey } from './keys.ts'
import type { ObjectInfo, Storage } from './port.ts'

/** The Cloud Storage calls that creating an object needs. Every write has the precondition that the object is absent. */
export type GcsWriter = {
  /** Creates a small object in one request; the bucket verifies its checksum first. */
  save(bytes: Buffer, object: NewObject & { crc32c: string }): Promise<ObjectInfo>
  /** Opens a resumable upload in chunks; call `info` once the stream has finished. */
  open(object: NewObject): { stream: Writable; info(): ObjectInfo; cancel(): Promise<void> }
  /** The object, if the create call with this id created it. */
  findOwn(createId: string): Promise<ObjectInfo | undefined>
  remove(): Promise<void>
}

/** `createId` identifies the create call. */
export type NewObject = { contentType: string; createId: string }

/** Smaller objects are sent in one request; of larger ones, one chunk is kept in memory so that it can be resent. */
export const CHUNK_BYTES = 8 * 1024 * 1024

/**
 * Creates an object as Storage.create promises. When a reply is lost, the library's retry finds the object that its
 * first request created and fails (412); only the id in the metadata tells that object from another caller's.
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
  const object = { contentType, createId: randomUUID() }
  const source = trackFailure(limited(body, key, maxBytes))
  try {
    const info = await write(writer, object, source.chunks, signal)
    signal?.throwIfAborted()
    return info
  } catch (thrown) {
    body.destroy()
    const own = await writer.findOwn(object.createId)
    if (own && !signal?.aborted && !source.failed()) return own
    if (own) await writer.remove()
    signal?.throwIfAborted()
    throw source.failed() ? thrown : asStorageError(`store ${key}`, thrown, { 412: 'storage.exists' })
  }
}

async function write(
  writer: GcsWriter,
  object: NewObject,
  chunks: AsyncGenerator<Buffer>,
  signal: AbortSignal | undefined,
): Promise<ObjectInfo> {
  const { head, rest } = await bufferHead(chunks, CHUNK_BYTES)
  if (!rest) {
    const bytes = Buffer.concat(head)
    return await writer.save(bytes, { ...object, crc32c: checksum(bytes) })
  }
  const upload = writer.open(object)
  try {
    await pipeline(concat(head, rest), upload.stream, { signal })
    return upload.info()
  } catch (thrown) {
    await upload.cancel()
    throw thrown
  }
}

/** A stream's chunks, and whether the stream itself failed rather than its reader. */
function trackFailure(source: AsyncGenerator<Buffer>) {
  let failure = false
  async function* chunks() {
    try {
      yield* source
    } catch (thrown) {
      failure = true
      throw thrown
    }
  }
  return { chunks: chunks(), failed: () => failure }
}

/** Removes chunks from the head as it goes, so that their memory is freed while the rest is sent. */
async function* concat(head: Buffer[], rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
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
