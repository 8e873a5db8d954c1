import type { CutroomError } from '#shared/errors.ts'
import type { ByteRange } from '#shared/storage/port.ts'
import { parseContentRange, rangeLength } from './byte-ranges.ts'
import type { GuardedFetch, GuardedReply } from './guarded-fetch.ts'
import type { RangedBytes } from './ranged-bytes.ts'
import { isPermanentFailure, sourceEmpty, sourceTooLarge, sourceUnavailable } from './source-errors.ts'

/** The first request: enough for the header of an MP4, or for all of a small file. */
const HEAD_BYTES = 256 * 1024

/** A source that supports range requests, with its first bytes; or one that only sends the whole file in order. */
export type RemoteSource =
  | { kind: 'ranged'; bytes: RangedBytes; head: Buffer }
  | {
      kind: 'sequential'
      host: string
      size: number | undefined
      body: AsyncIterable<Buffer>
      discard(): void
    }

/**
 * Requests the first bytes of a URL and learns from the response how large the file is, and whether the host
 * supports range requests.
 * @throws CutroomError `source.too_large` above `maxBytes`, `media.unreadable` when the file is empty, and what
 * GuardedFetch throws.
 */
export async function openRemoteSource(
  fetch: GuardedFetch,
  url: string,
  { maxBytes, signal }: { maxBytes: number; signal: AbortSignal },
): Promise<RemoteSource> {
  const reply = await fetch.get(url, { range: { start: 0, end: HEAD_BYTES - 1 }, signal })
  const range = parseContentRange(reply.header('content-range'))
  if (reply.status === 200) return openSequential(reply, maxBytes)
  if (reply.status === 206 && range?.start === 0 && range.size !== undefined) {
    return openRanged(fetch, url, reply, { size: range.size, end: range.end, maxBytes })
  }
  reply.discard()
  if (reply.status === 416) throw sourceEmpty(reply.host)
  // A range that was not requested, or of a file of unknown size: read the whole file in order instead.
  return openSequential(await fetch.get(url, { signal }), maxBytes)
}

function openSequential(reply: GuardedReply, maxBytes: number): RemoteSource {
  const contentLength = reply.header('content-length')
  const size = contentLength === undefined ? undefined : Number(contentLength)
  discardOn(sequentialError(reply, size, maxBytes), reply)
  return { kind: 'sequential', host: reply.host, size, body: reply.body, discard: reply.discard }
}

function sequentialError({ status, host }: GuardedReply, size: number | undefined, maxBytes: number) {
  if (status !== 200) {
    return sourceUnavailable(host, `the host answered ${status} to a request for the whole file`)
  }
  if (size === 0) return sourceEmpty(host)
  if (size !== undefined && size > maxBytes) return sourceTooLarge(host, maxBytes)
  return undefined
}

async function openRanged(
  fetch: GuardedFetch,
  originalUrl: string,
  reply: GuardedReply,
  { size, end, maxBytes }: { size: number; end: number; maxBytes: number },
): Promise<RemoteSource> {
  if (size > maxBytes) discardOn(sourceTooLarge(reply.host, maxBytes), reply)
  if (end >= HEAD_BYTES) discardOn(wrongBytes(reply.host), reply)
  const head = await collect(limitLength(reply.body, end + 1, reply.host))
  const version = { size, etag: reply.header('etag'), date: reply.header('last-modified') }
  const read = (range: ByteRange, { signal, attempt }: { signal: AbortSignal; attempt: number }) => {
    // The redirects are followed again only after their target has failed: a signed URL may have expired.
    const url = attempt === 1 ? reply.url : originalUrl
    const bytes = readRange(fetch, { url, range, version, signal })
    return url === originalUrl ? bytes : asTemporaryFailure(bytes, reply.host)
  }
  return { kind: 'ranged', bytes: { size, name: reply.host, read }, head }
}

/** Throws the error, if there is one, after closing the response. */
function discardOn(error: CutroomError | undefined, reply: GuardedReply) {
  if (!error) return
  reply.discard()
  throw error
}

/** A redirect target may fail permanently; the URL that redirects may lead somewhere else next time. */
async function* asTemporaryFailure(bytes: AsyncIterable<Buffer>, host: string): AsyncGenerator<Buffer> {
  try {
    yield* bytes
  } catch (error) {
    throw isPermanentFailure(error)
      ? sourceUnavailable(host, 'the URL that it redirected to is no longer valid', error)
      : error
  }
}

/** What distinguishes one version of a file from the next. */
type Version = { size: number; etag: string | undefined; date: string | undefined }

async function* readRange(
  fetch: GuardedFetch,
  { url, range, version, signal }: { url: string; range: ByteRange; version: Version; signal: AbortSignal },
): AsyncGenerator<Buffer> {
  const reply = await fetch.get(url, { range, ifRange: ifRange(version), signal })
  const received = parseContentRange(reply.header('content-range'))
  if (reply.status !== 206 || received?.size !== version.size || reply.header('etag') !== version.etag) {
    reply.discard()
    throw sourceUnavailable(reply.host, 'the file changed while it was being read')
  }
  if (received.start !== range.start || received.end > range.end) {
    reply.discard()
    throw wrongBytes(reply.host)
  }
  yield* limitLength(reply.body, rangeLength(received), reply.host)
}

/** If-Range takes a strong ETag or a date: https://www.rfc-editor.org/rfc/rfc9110#name-if-range */
const ifRange = ({ etag, date }: Version) => (etag?.startsWith('"') ? etag : date)

/** The chunks of a body that must not be longer than its headers state. */
async function* limitLength(
  body: AsyncIterable<Buffer>,
  length: number,
  host: string,
): AsyncGenerator<Buffer> {
  let remaining = length
  for await (const chunk of body) {
    remaining -= chunk.length
    if (remaining < 0) throw wrongBytes(host)
    yield chunk
  }
}

async function collect(chunks: AsyncIterable<Buffer>): Promise<Buffer> {
  const all: Buffer[] = []
  for await (const chunk of chunks) all.push(chunk)
  return Buffer.concat(all)
}

const wrongBytes = (host: string) => sourceUnavailable(host, 'the host sent other bytes than requested')
