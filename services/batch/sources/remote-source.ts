import { CutroomError } from '#shared/errors.ts'
import { parseContentRange, rangeLength } from '#shared/http/byte-ranges.ts'
import type { ByteRange } from '#shared/storage/port.ts'
import type { GuardedFetch, GuardedReply } from './guarded-fetch.ts'
import type { RangedBytes } from './ranged-bytes.ts'
import { peek } from './response-body.ts'
import {
  isPermanentFailure,
  isUnreachable,
  sourceEmpty,
  sourceTooLarge,
  sourceUnavailable,
} from './source-errors.ts'

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

type OpenOptions = { maxBytes: number; signal: AbortSignal }

/**
 * Requests the first bytes of a URL and learns from the response how large the file is, and whether the host
 * supports range requests. A host that answers the range wrongly, or not at all, is asked for the whole file. The source has
 * then shown its first bytes.
 * @throws CutroomError `source.too_large` above `maxBytes`, `media.unreadable` when the file is empty, and what
 * GuardedFetch throws.
 */
export async function openRemoteSource(
  fetch: GuardedFetch,
  url: string,
  options: OpenOptions,
): Promise<RemoteSource> {
  return (await openFirstRange(fetch, url, options)) ?? (await openWholeFile(fetch, url, options))
}

/** Requests the whole file, in order. Throws what `openRemoteSource` throws. */
export async function openWholeFile(
  fetch: GuardedFetch,
  url: string,
  { maxBytes, signal }: OpenOptions,
): Promise<Extract<RemoteSource, { kind: 'sequential' }>> {
  return openSequential(await fetch.get(url, { signal }), maxBytes)
}

/** undefined when only a request for the whole file can tell more. */
async function openFirstRange(
  fetch: GuardedFetch,
  url: string,
  { maxBytes, signal }: OpenOptions,
): Promise<RemoteSource | undefined> {
  const firstRange = { start: 0, end: HEAD_BYTES - 1 }
  const reply = await fetch.get(url, { range: firstRange, signal }).catch((error: unknown) => {
    if (signal.aborted || !mayServeWholeFile(error)) throw error
    return undefined
  })
  if (!reply) return undefined
  if (reply.status === 200) return openSequential(reply, maxBytes)
  const contentRange = reply.header('content-range')
  const range = parseContentRange(contentRange)
  if (range?.start === 0 && range.size !== undefined && range.end < HEAD_BYTES) {
    const file = { size: range.size, end: range.end, maxBytes }
    return openRanged(fetch, url, reply, file).catch((error: unknown) => {
      if (isWrongRange(error)) return undefined
      throw error
    })
  }
  reply.discard()
  if (reply.status === 416 && contentRange?.endsWith('/0')) throw sourceEmpty(reply.host)
  return undefined
}

/** Whether a host that failed to send a range may still send the whole file. */
const mayServeWholeFile = (error: unknown): boolean =>
  error instanceof CutroomError &&
  ['source.unavailable', 'source.denied', 'source.rejected', 'source.not_media'].includes(error.code) &&
  !isUnreachable(error)

/**
 * Whether a host answers a second range like the first: many habits show only then, such as an ETag that is new with
 * every answer. The rest of the source is read only if it does.
 */
export async function answersRanges(
  { bytes, head }: Extract<RemoteSource, { kind: 'ranged' }>,
  signal: AbortSignal,
): Promise<boolean> {
  if (head.length === bytes.size) return true
  // The byte behind the first ones: a host may not have the last one yet.
  const next = { start: head.length, end: head.length }
  for (const attempt of [1, 2]) {
    try {
      for await (const _ of bytes.read(next, { signal, attempt }));
      return true
    } catch (error) {
      signal.throwIfAborted()
      if (isWrongRange(error)) return false
      // What is temporary is for the reader to retry.
      if (attempt === 2) return !isPermanentFailure(error)
    }
  }
  return false
}

async function openSequential(
  reply: GuardedReply,
  maxBytes: number,
): Promise<Extract<RemoteSource, { kind: 'sequential' }>> {
  const contentLength = reply.header('content-length')
  const size = contentLength === undefined ? undefined : Number(contentLength)
  discardOn(sequentialError(reply, size, maxBytes), reply)
  const { body } = await peek(reply.body, HEAD_BYTES)
  return { kind: 'sequential', host: reply.host, size, body, discard: reply.discard }
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
  const head = await collect(limitLength(reply.body, end + 1, reply.host))
  const version = { size, etag: reply.header('etag'), date: strongDate(reply) }
  const read = (range: ByteRange, { signal, attempt }: { signal: AbortSignal; attempt: number }) => {
    // The redirects are followed again only after their target has failed: a signed URL may have expired.
    const url = attempt === 1 ? reply.url : originalUrl
    const bytes = readRange(fetch, { url, range, version, signal })
    return url === originalUrl ? bytes : asTemporaryFailure(bytes, reply.host)
  }
  return { kind: 'ranged', bytes: { size, tag: version.etag ?? version.date, name: reply.host, read }, head }
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
    throw wrongRange(reply.host, 'the file changed while it was being read')
  }
  if (received.start !== range.start || received.end > range.end) {
    reply.discard()
    throw wrongBytes(reply.host)
  }
  yield* limitLength(reply.body, rangeLength(received), reply.host)
}

/**
 * The Last-Modified date, if it says more than when the host answered; a later version would have the same date:
 * https://www.rfc-editor.org/rfc/rfc9110#section-8.8.2.2
 */
function strongDate(reply: GuardedReply): string | undefined {
  const modified = reply.header('last-modified')
  const answered = reply.header('date')
  if (!modified || !answered) return modified
  return Math.abs(Date.parse(answered) - Date.parse(modified)) < STRONG_DATE_MS ? undefined : modified
}

const STRONG_DATE_MS = 60_000

/** If-Range takes a strong ETag or a date: https://www.rfc-editor.org/rfc/rfc9110#name-if-range */
const ifRange = ({ etag, date }: Version) => (etag?.startsWith('"') ? etag : date)

/** The chunks of a body that must not be longer than its headers state. */
export async function* limitLength(
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

/** The cause of an error about ranges that a host answered wrongly, though it may serve the whole file. */
class WrongRange extends Error {}

const wrongRange = (host: string, why: string) => sourceUnavailable(host, why, new WrongRange(why))

/** True when a source failed because its host answered ranges wrongly. */
export const isWrongRange = (error: unknown): boolean =>
  error instanceof CutroomError && error.cause instanceof WrongRange

const wrongBytes = (host: string) => wrongRange(host, 'the host sent other bytes than requested')
