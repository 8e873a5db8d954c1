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

export type UploadRequest = {
  /** Root of the disk store. */
  dir: string
  /** The link that verifyUploadLink returned. */
  link: UploadLink
  headers: { 'content-range'?: string | undefined; 'content-length'?: string | undefined }
  body: Readable
}

/** Web's reply, which has no body. */
export type UploadReply = { status: 201 | 308; headers: Record<string, string> }

// Two requests writing the same partial file would mix their bytes. A disk store has one web process, so a set in
// memory is enough to prevent that.
const active = new Set<string>()

/**
 * Handles one PUT to an upload link of the disk store by the protocol of a Cloud Storage resumable session: 201 once the
 * object is complete, otherwise 308 with the Range received so far. Bytes received before a connection broke are kept,
 * so that the client can check the status (a Content-Range without start and end) and resume.
 *
 * @throws CutroomError `upload.conflict` when the object already exists, `request.too_large` beyond the link's limit,
 * `request.malformed` for invalid headers or a broken connection, `service.busy` while another request uploads the same
 * object, `media.disk_full` or `storage.unavailable`.
 */
export async function receiveUpload({ dir, link, headers, body }: UploadRequest): Promise<UploadReply> {
  body.on('error', () => {})
  const range = parseUploadRange(headers['content-range'], headers['content-length'])
  if (await withDiskErrors(`inspect ${link.key}`, () => readInfo(dir, link.key))) {
    return replyForExisting(range)
  }
  if (announcedBytes(range) > link.maxBytes) throw tooLarge(link.key, link.maxBytes)
  const partial = uploadDir(dir, link.key)
  if (active.has(partial)) throw busy(link.key)
  active.add(partial)
  try {
    await withDiskErrors(`store ${link.key}`, () => mkdir(partial, { recursive: true }))
    return await receiveRange(dir, partial, link, range, body)
  } finally {
    active.delete(partial)
  }
}

async function receiveRange(
  dir: string,
  partial: string,
  link: UploadLink,
  range: UploadRange,
  body: Readable,
): Promise<UploadReply> {
  const store = <T>(operation: () => Promise<T>) => withDiskErrors(`store ${link.key}`, operation)
  const file = await store(() => open(bytesFile(partial), constants.O_RDWR | constants.O_CREAT, 0o600))
  try {
    const { bytes, crc32c } = await append(file, link, range, body)
    const total = range.kind === 'whole' ? (range.length ?? bytes) : range.total
    if (bytes !== total) return incomplete(bytes)
    await store(() => file.sync())
    const info = { key: link.key, bytes, contentType: link.contentType, createdAt: new Date() }
    await store(async () => commit(dir, partial, { ...info, crc32c: crc32c ?? (await checksum(file)) }))
    return { status: 201, headers: {} }
  } catch (thrown) {
    if (hasErrorCode(thrown, 'request.too_large')) await rm(partial, { recursive: true, force: true })
    throw hasErrorCode(thrown, 'storage.exists') ? conflict() : thrown
  } finally {
    await file.close()
  }
}

/** Appends the range's new bytes to the file. Returns the checksum too when one request sent all bytes. */
async function append(file: FileHandle, link: UploadLink, range: UploadRange, body: Readable) {
  if (range.kind === 'whole') await withDiskErrors(`store ${link.key}`, () => file.truncate(0))
  const { size: offset } = await withDiskErrors(`store ${link.key}`, () => file.stat())
  if (range.kind === 'status') return { bytes: offset }
  const start = range.kind === 'chunk' ? range.start : 0
  if (start > offset) throw gap(start, offset)
  const crc = createCrc32c()
  const bytes = await appendToFile(skip(offset - start, received(body, link.key)), file, {
    key: link.key,
    maxBytes: range.kind === 'chunk' ? Math.max(range.end + 1, offset) : link.maxBytes,
    offset,
    onChunk: offset === 0 ? crc.update : undefined,
  })
  return offset === 0 ? { bytes, crc32c: crc.digest() } : { bytes }
}

/** The body's chunks. Leaves the socket open when reading stops early, so that an error reply can still be sent. */
async function* received(body: Readable, key: string): AsyncGenerator<Buffer> {
  try {
    yield* body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>
  } catch (cause) {
    throw new CutroomError('request.malformed', `The client disconnected while sending ${key}.`, { cause })
  }
}

/** A stream without its first `count` bytes, which an earlier request has already sent. */
async function* skip(count: number, chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let remaining = count
  for await (const chunk of chunks) {
    const kept = chunk.subarray(Math.min(remaining, chunk.length))
    remaining -= chunk.length - kept.length
    if (kept.length > 0) yield kept
  }
}

async function checksum(file: FileHandle): Promise<string> {
  const crc = createCrc32c()
  for await (const chunk of file.createReadStream({ start: 0, autoClose: false })) crc.update(chunk)
  return crc.digest()
}

function announcedBytes(range: UploadRange): number {
  if (range.kind === 'whole') return range.length ?? 0
  return Math.max(range.total ?? 0, range.kind === 'chunk' ? range.end + 1 : 0)
}

// A client that missed the last reply checks the status, and must learn that the upload succeeded.
function replyForExisting(range: UploadRange): UploadReply {
  if (range.kind === 'status') return { status: 201, headers: {} }
  throw conflict()
}

function incomplete(bytes: number): UploadReply {
  return { status: 308, headers: bytes === 0 ? {} : { range: `bytes=0-${bytes - 1}` } }
}

const hasErrorCode = (thrown: unknown, code: string) => thrown instanceof CutroomError && thrown.code === code

function conflict(): CutroomError {
  return new CutroomError(
    'upload.conflict',
    'This upload is already complete. Create a new upload to send another file.',
  )
}

function busy(key: string): CutroomError {
  const headers = { 'retry-after': '1' }
  return new CutroomError(
    'service.busy',
    `Another request is already uploading ${key}; try again in a second.`,
    {
      headers,
    },
  )
}

function gap(start: number, offset: number): CutroomError {
  return new CutroomError(
    'request.malformed',
    `The chunk starts at byte ${start}, but only ${offset} bytes have arrived; continue from byte ${offset}.`,
  )
}
