import { once } from 'node:events'
import type { Request, Response } from 'express'
import { MAX_BLOCK_BYTES } from '#shared/contract/inspect/source-links.ts'
import { CutroomError } from '#shared/errors.ts'
import { logOf } from '#shared/http/request-context.ts'
import { type RequestedRange, requestedRange } from '../tasks/requested-range.ts'
import { previewType } from '../uploads/preview/content-type.ts'
import type { Block } from './read-block.ts'

/** After a seek, a player shows the first frame as soon as it has these bytes; what follows comes in larger blocks. */
const FIRST_BLOCK_BYTES = 256 * 1024

export type SendPreviewOptions = {
  req: Request
  res: Response
  /** What the source is called, such as `a.mp4`. */
  name: string
  /** Reads at most so many bytes of the source. */
  read: (start: number, bytes: number) => Promise<Block>
  /** Aborted when the reply has to end, or its client is gone. */
  signal: AbortSignal
  /** How long the client may read nothing: what a paused player has open costs a connection. */
  idleMs: number
}

/**
 * Replies with the bytes of a source, block by block: the next one is read when the client has taken the one before. What goes
 * wrong after the first block breaks the connection off, and the player asks for the rest.
 * @throws CutroomError `request.range_not_satisfiable`, and what reading the first block throws
 */
export async function sendPreview(options: SendPreviewOptions): Promise<void> {
  const { req, res, name, read } = options
  const header = req.get('Range')
  const asked = beginningOf(header)
  const block = await read(asked.start, asked.bytes)
  const range = requestedRange(header, block.size)
  if (range === 'unsatisfiable') throw outside(name, block.size)
  const { start, end } = range ?? { start: 0, end: block.size - 1 }
  // The first byte of a suffix is known only now.
  const first =
    block.start === start ? block : await read(start, Math.min(FIRST_BLOCK_BYTES, end + 1 - start))
  res
    .status(range ? 206 : 200)
    .set('Content-Type', previewType({ filename: name, contentType: first.contentType }))
    .set('Content-Disposition', 'inline')
    .set('Accept-Ranges', 'bytes')
    .set('Content-Length', String(end - start + 1))
  if (range) res.set('Content-Range', `bytes ${start}-${end}/${first.size}`)
  if (req.method === 'HEAD') res.end()
  else await sendBlocks(first, { start, end }, options)
}

async function sendBlocks(first: Block, { start, end }: RequestedRange, options: SendPreviewOptions) {
  const { res, read, signal } = options
  let block = first
  let blockBytes = FIRST_BLOCK_BYTES
  try {
    for (let position = start; ; ) {
      const bytes = block.bytes.subarray(0, end + 1 - position)
      await write(bytes, options)
      position += bytes.length
      if (position > end) break
      blockBytes = Math.min(2 * blockBytes, MAX_BLOCK_BYTES)
      block = await read(position, Math.min(blockBytes, end + 1 - position))
      if (block.size !== first.size || block.bytes.length === 0) throw new Error('The source has changed.')
    }
    res.end()
  } catch (error) {
    res.destroy()
    if (!signal.aborted) logOf(res).debug('preview broken off', { error })
  }
}

/** Resolves when the client has taken the bytes, or most of them. */
async function write(bytes: Buffer, { res, signal, idleMs }: SendPreviewOptions): Promise<void> {
  signal.throwIfAborted()
  if (res.write(bytes)) return
  await once(res, 'drain', { signal: AbortSignal.any([signal, AbortSignal.timeout(idleMs)]) })
}

/** What to read before the size of the source is known. */
function beginningOf(header: string | undefined): { start: number; bytes: number } {
  const [, first = '0', last = ''] = /^bytes=[ \t]*(\d+)-(\d*)/i.exec(header ?? '') ?? []
  const [start, end] = [Number(first), last === '' ? Number.POSITIVE_INFINITY : Number(last)]
  if (!Number.isSafeInteger(start + MAX_BLOCK_BYTES) || end < start)
    return { start: 0, bytes: FIRST_BLOCK_BYTES }
  return { start, bytes: Math.min(FIRST_BLOCK_BYTES, end + 1 - start) }
}

const outside = (name: string, size: number) =>
  new CutroomError(
    'request.range_not_satisfiable',
    `The requested range is outside ${name}, which has ${size} bytes.`,
    { headers: { 'Content-Range': `bytes */${size}` } },
  )
