import { CutroomError } from '#shared/errors.ts'
import type { ByteRange } from '#shared/storage/port.ts'
import { parseContentRange, rangeLength } from './byte-ranges.ts'
import type { GuardedFetch, GuardedReply } from './guarded-fetch.ts'
import type { RangedBytes } from './ranged-bytes.ts'
import { isPermanentFailure, sourceTooLarge, sourceUnavailable } from './source-errors.ts'

/** Where a file starts to be read: enough for the head of an MP4, or for all of a small file. */
const FIRST_BYTES = 256 * 1024

/** A source that gives ranges, with its first bytes; or one that only gives all its bytes in order. */
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
 * Asks a URL for its first bytes and learns from the reply how large it is and whether it gives ranges.
 * Throws `source.too_large` past maxBytes, `media.unreadable` when it is empty, and what GuardedFetch throws.
 */
export async function openRemoteSource(
  fetch: GuardedFetch,
  url: string,
  { maxBytes, signal }: { maxBytes: number; signal: AbortSignal },
): Promise<RemoteSource> {
  const reply = await fetch.get(url, { range: { start: 0, end: FIRST_BYTES - 1 }, signal })
  const range = parseContentRange(reply.header('content-range'))
  if (reply.status === 200) return sequential(reply, maxBytes)
  if (reply.status === 206 && range?.start === 0 && range.bytes !== undefined)
    return ranged(fetch, url, reply, { size: range.bytes, end: range.end, maxBytes })
  reply.discard()
  if (reply.status === 416) throw empty(reply.host)
  // A range of a size that is not told, or one that was not asked for: take the bytes as they come.
  return sequential(await fetch.get(url, { signal }), maxBytes)
}

function sequential(reply: GuardedReply, maxBytes: number): RemoteSource {
  const length = reply.header('content-length')
  const size = length === undefined ? undefined : Number(length)
  const fault =
    reply.status !== 200
      ? sourceUnavailable(reply.host, `it answered ${reply.status} when asked for everything`)
      : size === 0
        ? empty(reply.host)
        : size !== undefined && size > maxBytes
          ? sourceTooLarge(reply.host, maxBytes)
          : undefined
  if (fault) {
    reply.discard()
    throw fault
  }
  return { kind: 'sequential', host: reply.host, size, body: reply.body, discard: reply.discard }
}

async function ranged(
  fetch: GuardedFetch,
  askedUrl: string,
  reply: GuardedReply,
  { size, end, maxBytes }: { size: number; end: number; maxBytes: number },
): Promise<RemoteSource> {
  const fault =
    size > maxBytes ? sourceTooLarge(reply.host, maxBytes) : end >= FIRST_BYTES ? overfull(reply.host) : null
  if (fault) {
    reply.discard()
    throw fault
  }
  const head = await collect(bounded(reply.body, end + 1, reply.host))
  const version = { size, etag: reply.header('etag'), date: reply.header('last-modified') }
  const read = (range: ByteRange, { signal, attempt }: { signal: AbortSignal; attempt: number }) => {
    // The redirects are followed again only where their end has failed: a signed link may have expired.
    const url = attempt === 1 ? reply.url : askedUrl
    const bytes = readRange(fetch, { url, range, version, signal })
    return url === askedUrl ? bytes : notTheLastWord(bytes, reply.host)
  }
  return { kind: 'ranged', bytes: { size, name: reply.host, read }, head }
}

/** What a redirect led to may say no for good; what led there may lead elsewhere. */
async function* notTheLastWord(bytes: AsyncIterable<Buffer>, host: string): AsyncGenerator<Buffer> {
  try {
    yield* bytes
  } catch (error) {
    throw isPermanentFailure(error)
      ? sourceUnavailable(host, 'the link to it is no longer good', error)
      : error
  }
}

/** What tells one state of a file from the next. */
type Version = { size: number; etag: string | undefined; date: string | undefined }

async function* readRange(
  fetch: GuardedFetch,
  { url, range, version, signal }: { url: string; range: ByteRange; version: Version; signal: AbortSignal },
): AsyncGenerator<Buffer> {
  const reply = await fetch.get(url, { range, ifRange: condition(version), signal })
  const got = parseContentRange(reply.header('content-range'))
  if (reply.status !== 206 || got?.bytes !== version.size || reply.header('etag') !== version.etag) {
    reply.discard()
    throw sourceUnavailable(reply.host, 'it changed while it was read')
  }
  if (got.start !== range.start || got.end > range.end) {
    reply.discard()
    throw overfull(reply.host)
  }
  yield* bounded(reply.body, rangeLength(got), reply.host)
}

/** If-Range takes a strong ETag or a date: https://www.rfc-editor.org/rfc/rfc9110#name-if-range */
const condition = ({ etag, date }: Version) => (etag?.startsWith('"') ? etag : date)

/** The chunks of a body that must not be longer than it said. */
async function* bounded(body: AsyncIterable<Buffer>, length: number, host: string): AsyncGenerator<Buffer> {
  let left = length
  for await (const chunk of body) {
    left -= chunk.length
    if (left < 0) throw overfull(host)
    yield chunk
  }
}

async function collect(chunks: AsyncIterable<Buffer>): Promise<Buffer> {
  const all: Buffer[] = []
  for await (const chunk of chunks) all.push(chunk)
  return Buffer.concat(all)
}

const overfull = (host: string) => sourceUnavailable(host, 'it sent other bytes than it was asked for')

const empty = (host: string) => new CutroomError('media.unreadable', `The source at ${host} is empty.`)
