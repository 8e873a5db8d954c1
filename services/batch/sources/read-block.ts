import { CutroomError } from '#shared/errors.ts'
import { parseContentRange, rangeLength } from '#shared/http/byte-ranges.ts'
import type { ByteRange } from '#shared/storage/port.ts'
import type { GuardedFetch, GuardedReply } from './guarded-fetch.ts'
import { limitLength } from './remote-source.ts'
import { PAGE_TYPE } from './response-body.ts'
import { pageAdvice } from './share-links.ts'
import { sourceEmpty, sourceIsPage, sourceTooLarge } from './source-errors.ts'

/** Bytes of a remote file. `size`: of all of it. `contentType`: what its host calls it. */
export type SourceBlock = { start: number; size: number; contentType: string | undefined; bytes: Buffer }

/** `deadline`: ends the reading; what has arrived by then is the block. */
export type ReadBlockOptions = { maxBytes: number; signal: AbortSignal; deadline: AbortSignal }

/**
 * Reads a range of the file behind a URL into memory: one request, of which nothing but the range is read.
 * @throws CutroomError `source.no_ranges`, `source.too_large`, `request.range_not_satisfiable` behind the end of the file,
 * `media.unreadable` when it is empty, the deadline's reason when nothing has arrived by then, and what GuardedFetch throws.
 */
export async function readBlock(
  fetch: GuardedFetch,
  url: string,
  range: ByteRange,
  { maxBytes, signal, deadline }: ReadBlockOptions,
): Promise<SourceBlock> {
  const reply = await fetch.get(url, { range, signal: AbortSignal.any([signal, deadline]) })
  try {
    const { start, end, size } = requireRange(reply, range)
    if (size > maxBytes) throw sourceTooLarge(reply.host, maxBytes)
    const contentType = reply.header('content-type')
    // Where it is no page that is called one, only its beginning would show that.
    if (PAGE_TYPE.test(contentType ?? '')) throw sourceIsPage(reply.host, pageAdvice(url))
    const bytes = await collectUntil(
      limitLength(reply.body, rangeLength({ start, end }), reply.host),
      deadline,
    )
    return { start, size, contentType, bytes }
  } finally {
    reply.discard()
  }
}

/** The range that a host sends, which may be shorter than the one requested. */
function requireRange(reply: GuardedReply, requested: ByteRange): ByteRange & { size: number } {
  const header = reply.header('content-range')
  const unsatisfied = /^bytes \*\/(\d+)$/.exec(header?.trim() ?? '')?.[1]
  if (reply.status === 416 && unsatisfied === '0') throw sourceEmpty(reply.host)
  if (reply.status === 416 && unsatisfied !== undefined) throw behindEnd(reply.host, unsatisfied)
  const range = reply.status === 206 ? parseContentRange(header) : undefined
  if (range?.size === undefined || range.start !== requested.start || range.end > requested.end) {
    throw noRanges(reply.host)
  }
  return { ...range, size: range.size }
}

async function collectUntil(body: AsyncIterable<Buffer>, deadline: AbortSignal): Promise<Buffer> {
  const chunks: Buffer[] = []
  try {
    for await (const chunk of body) chunks.push(chunk)
  } catch (error) {
    if (!deadline.aborted || chunks.length === 0) throw error
  }
  return Buffer.concat(chunks)
}

const noRanges = (host: string) =>
  new CutroomError(
    'source.no_ranges',
    `The source at ${host} cannot be previewed: the host does not support range requests. A task can still read it.`,
  )

const behindEnd = (host: string, size: string) =>
  new CutroomError(
    'request.range_not_satisfiable',
    `The requested range is outside the source at ${host}, which has ${size} bytes.`,
    { headers: { 'Content-Range': `bytes */${size}` } },
  )
