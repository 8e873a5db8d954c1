import { pipeline, Readable, type Transform } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib'

/** Types of pages that replace a file: a login form, an error, a directory listing. */
export const PAGE_TYPE =
  /^\s*(text\/html|application\/xhtml\+xml|text\/xml|application\/xml|application\/json)\b/i
/** How pages begin, whatever type their host calls them. */
const PAGE_START = /^\s*(<!doctype html|<html[\s>])/i
/** Enough to tell text from media. */
const SNIFFED_BYTES = 512

export type OpenedBody = {
  body: AsyncIterable<Buffer>
  /** Whether the body is not as long as the Content-Length header says. */
  decompressed: boolean
  /** Whether it is a page, not media. */
  isPage: boolean
}

/**
 * Looks at the first bytes of a body and undoes the compression that a host applied without being asked.
 * @throws what reading the body throws
 */
export async function openBody(
  raw: AsyncIterable<Buffer>,
  {
    contentType = '',
    contentEncoding,
  }: { contentType?: string | undefined; contentEncoding?: string | undefined },
): Promise<OpenedBody> {
  const mayBePage = PAGE_TYPE.test(contentType)
  const start = await peek(raw, 2)
  const decoder = createDecoder(contentEncoding, start.head)
  const content = decoder ? decompress(start.body, decoder) : start.body
  const { head, body } = await peek(content, mayBePage ? SNIFFED_BYTES : 1)
  const isPage = PAGE_START.test(head.toString('latin1')) || (mayBePage && isText(head))
  return { body, decompressed: decoder !== undefined, isPage }
}

/** Media has zeros or other control characters in its first bytes, text has none. */
function isText(head: Buffer): boolean {
  const isUtf16 = head.length >= 2 && ['fffe', 'feff'].includes(head.toString('hex', 0, 2))
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what tells media from text
  return isUtf16 || !/[\x00-\x08\x0e-\x1a\x1c-\x1f]/.test(head.toString('latin1', 0, SNIFFED_BYTES))
}

/** True for a Content-Encoding that `openBody` can undo. */
export const canDecompress = (contentEncoding: string): boolean =>
  ['identity', 'gzip', 'x-gzip', 'deflate', 'br'].includes(contentEncoding)

/** The decoder of a Content-Encoding; undefined when there is none, or the header is wrong: gzip has a signature. */
function createDecoder(contentEncoding: string | undefined, head: Buffer): Transform | undefined {
  if (contentEncoding === 'br') return createBrotliDecompress()
  // Some servers leave out the zlib header: https://www.rfc-editor.org/rfc/rfc9110#section-8.4.1.2
  if (contentEncoding === 'deflate') return hasZlibHeader(head) ? createInflate() : createInflateRaw()
  const isGzip = contentEncoding === 'gzip' || contentEncoding === 'x-gzip'
  return isGzip && head[0] === 0x1f && head[1] === 0x8b ? createGunzip() : undefined
}

const hasZlibHeader = (head: Buffer) =>
  head.length >= 2 && ((head[0] ?? 0) & 0x0f) === 8 && head.readUInt16BE(0) % 31 === 0

async function* decompress(body: AsyncIterable<Buffer>, decoder: Transform): AsyncGenerator<Buffer> {
  // An error of the body ends the decoder with the same error, which the loop below throws.
  pipeline(Readable.from(body, { objectMode: false }), decoder, () => undefined)
  yield* decoder
}

/** The first chunks of a body, with so many bytes at least where it has them, and the whole body. */
export async function peek(
  source: AsyncIterable<Buffer>,
  bytes: number,
): Promise<{ head: Buffer; body: AsyncIterable<Buffer> }> {
  const iterator = source[Symbol.asyncIterator]()
  const chunks: Buffer[] = []
  let length = 0
  let ended = false
  while (length < bytes && !ended) {
    const next = await iterator.next()
    if (next.done) ended = true
    else chunks.push(next.value)
    length += next.done ? 0 : next.value.length
  }
  async function* all() {
    try {
      yield* chunks
      while (!ended) {
        const next = await iterator.next()
        if (next.done) return
        yield next.value
      }
    } finally {
      await iterator.return?.()
    }
  }
  return { head: Buffer.concat(chunks), body: all() }
}
