import { constants } from 'node:fs'
import { type FileHandle, mkdir, open, rm } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { CutroomError } from '../errors.ts'
import { appendToFile, tooLarge } from './append-to-file.ts'
import { parseUploadRange, type UploadRange } from './content-range.ts'
import { createCrc32c } from './crc32c.ts'
import { withDiskErrors } from './disk-errors.ts'
import { bytesFile, commit, readInfo, uploadDir } from './disk-layout.ts'
import type { UploadLink } from './upload-link.ts'

export type UploadPut = {
  /** The disk store's directory. */
  dir: string
  /** The link as verifyUploadLink gave it. */
  link: UploadLink
  headers: { 'content-range'?: string | undefined; 'content-length'?: string | undefined }
  body: Readable
}

/** What web answers; there is no body. */
export type UploadReply = { status: 201 | 308; headers: Record<string, string> }

// Two requests writing one partial file would mix their bytes. One web process owns a disk store, so its
// memory is the place to know.
const busy = new Set<string>()

/**
 * Takes one PUT to an upload link of the disk store, speaking the protocol of a Cloud Storage resumable
 * session: 201 when the object is whole, 308 with the Range that is in when it is not. What came in before a
 * connection broke is kept, so that a client can ask (a Content-Range without bytes) and go on.
 * Throws `upload.conflict` when the object is there already, `request.too_large` past the link's size,
 * `request.malformed`, `service.busy` when another request brings the same upload, and disk errors.
 */
export async function receiveUpload({ dir, link, headers, body }: UploadPut): Promise<UploadReply> {
  body.on('error', () => {})
  const piece = parseUploadRange(headers['content-range'], headers['content-length'])
  if (await withDiskErrors(`look at ${link.key}`, () => readInfo(dir, link.key)))
    return replyForExisting(piece, link.key)
  if (announcedBytes(piece) > link.maxBytes) throw tooLarge(link.key, link.maxBytes)
  const place = uploadDir(dir, link.key)
  if (busy.has(place)) throw isBusy(link.key)
  busy.add(place)
  try {
    await withDiskErrors(`store ${link.key}`, () => mkdir(place, { recursive: true }))
    return await takePiece(dir, place, link, piece, body)
  } finally {
    busy.delete(place)
  }
}

async function takePiece(
  dir: string,
  place: string,
  link: UploadLink,
  piece: UploadRange,
  body: Readable,
): Promise<UploadReply> {
  const store = <T>(act: () => Promise<T>) => withDiskErrors(`store ${link.key}`, act)
  const file = await store(() => open(bytesFile(place), constants.O_RDWR | constants.O_CREAT, 0o600))
  try {
    const { bytes, crc32c } = await append(file, link, piece, body)
    const total = piece.kind === 'whole' ? (piece.length ?? bytes) : piece.total
    if (bytes !== total) return incomplete(bytes)
    await store(() => file.sync())
    const about = { key: link.key, bytes, contentType: link.contentType, createdAt: new Date() }
    await store(async () => commit(dir, place, { ...about, crc32c: crc32c ?? (await checksum(file)) }))
    return { status: 201, headers: {} }
  } catch (thrown) {
    if (hasErrorCode(thrown, 'request.too_large')) await rm(place, { recursive: true, force: true })
    throw hasErrorCode(thrown, 'storage.exists') ? conflict(link.key) : thrown
  } finally {
    await file.close()
  }
}

/** Adds what the piece brings to the file; the checksum is known when one request brought everything. */
async function append(file: FileHandle, link: UploadLink, piece: UploadRange, body: Readable) {
  if (piece.kind === 'whole') await withDiskErrors(`store ${link.key}`, () => file.truncate(0))
  const { size: offset } = await withDiskErrors(`store ${link.key}`, () => file.stat())
  if (piece.kind === 'question') return { bytes: offset }
  const start = piece.kind === 'chunk' ? piece.start : 0
  if (start > offset) throw gap(link.key, start, offset)
  const crc = createCrc32c()
  const bytes = await appendToFile(skip(offset - start, received(body, link.key)), file, {
    key: link.key,
    maxBytes: piece.kind === 'chunk' ? Math.max(piece.end + 1, offset) : link.maxBytes,
    offset,
    onChunk: offset === 0 ? crc.update : undefined,
  })
  return offset === 0 ? { bytes, crc32c: crc.digest() } : { bytes }
}

/** The body's chunks. The socket is left open on an early end, so that the error can still be answered. */
async function* received(body: Readable, key: string): AsyncGenerator<Buffer> {
  try {
    yield* body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>
  } catch (cause) {
    throw new CutroomError('request.malformed', `The client went away while it sent ${key}.`, { cause })
  }
}

/** A stream without its first bytes: those that an earlier request brought already. */
async function* skip(count: number, chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let left = count
  for await (const chunk of chunks) {
    const kept = chunk.subarray(Math.min(left, chunk.length))
    left -= chunk.length - kept.length
    if (kept.length > 0) yield kept
  }
}

async function checksum(file: FileHandle): Promise<string> {
  const crc = createCrc32c()
  for await (const chunk of file.createReadStream({ start: 0, autoClose: false })) crc.update(chunk)
  return crc.digest()
}

function announcedBytes(piece: UploadRange): number {
  if (piece.kind === 'whole') return piece.length ?? 0
  return Math.max(piece.total ?? 0, piece.kind === 'chunk' ? piece.end + 1 : 0)
}

// A client that lost the last reply asks again, and should hear that all went well.
function replyForExisting(piece: UploadRange, key: string): UploadReply {
  if (piece.kind === 'question') return { status: 201, headers: {} }
  throw conflict(key)
}

function incomplete(bytes: number): UploadReply {
  return { status: 308, headers: bytes === 0 ? {} : { range: `bytes=0-${bytes - 1}` } }
}

const hasErrorCode = (thrown: unknown, code: string) => thrown instanceof CutroomError && thrown.code === code

function conflict(key: string): CutroomError {
  return new CutroomError('upload.conflict', `The bytes for ${key} are all in already. Ask for a new upload.`)
}

function isBusy(key: string): CutroomError {
  const headers = { 'retry-after': '1' }
  return new CutroomError('service.busy', `Another request is sending ${key}. Try again in a second.`, {
    headers,
  })
}

function gap(key: string, start: number, offset: number): CutroomError {
  return new CutroomError(
    'request.malformed',
    `The chunk starts at byte ${start}, but ${key} has only ${offset} bytes. Send from there.`,
  )
}
