import { pipeline } from 'node:stream/promises'
import type { Request, Response } from 'express'
import { CutroomError } from '#shared/errors.ts'
import type { Storage } from '#shared/storage/port.ts'
import type { StoredOutput } from '#shared/tasks/rows.ts'
import { requestedRange } from './requested-range.ts'

export type SendOutputOptions = { req: Request; res: Response; storage: Storage; linkSeconds: number } & {
  /** Whether a browser saves the file or shows it. */
  disposition?: 'attachment' | 'inline'
}

/**
 * Replies with the bytes of an output: by a redirect to a signed URL where the storage has one, otherwise as a stream
 * that supports a single byte range.
 * @throws CutroomError `request.range_not_satisfiable` for a range outside the file, `storage.not_found` when the object is missing.
 */
export async function sendOutput(
  output: StoredOutput,
  { req, res, storage, linkSeconds, disposition = 'attachment' }: SendOutputOptions,
): Promise<void> {
  const url = await storage.downloadUrl(output.key, {
    fileName: output.name,
    contentType: output.content_type,
    expiresInSeconds: linkSeconds,
  })
  res.set('Cache-Control', 'private, no-store')
  if (url) return res.redirect(302, url)

  const range = requestedRange(req.get('Range'), output.bytes)
  if (range === 'unsatisfiable') throw rangeOutside(output)
  const hasBody = req.method !== 'HEAD' && output.bytes > 0
  // Opened before the headers are set: if the object is missing, the reply is a problem without them.
  const body = hasBody ? await storage.read(output.key, range && { range }) : undefined
  res.status(range ? 206 : 200)
  // `attachment` sets the type by the name, which must not decide how a browser shows a file.
  if (disposition === 'inline') res.set('Content-Disposition', 'inline').type(output.content_type)
  else res.type(output.content_type).attachment(output.name)
  res.set('Accept-Ranges', 'bytes')
  const { start, end } = range ?? { start: 0, end: output.bytes - 1 }
  if (range) res.set('Content-Range', `bytes ${start}-${end}/${output.bytes}`)
  res.set('Content-Length', String(end - start + 1))
  if (body) await stream(body, res)
  else res.end()
}

const rangeOutside = ({ bytes, name }: StoredOutput) =>
  new CutroomError(
    'request.range_not_satisfiable',
    `The requested range is outside ${name}, which has ${bytes} bytes.`,
    { headers: { 'Content-Range': `bytes */${bytes}` } },
  )

/** After so long without reading, a download ends: it would keep the file open. Node may notice only after twice this time. */
const IDLE_MS = 60_000

async function stream(body: NodeJS.ReadableStream, res: Response) {
  res.setTimeout(IDLE_MS, () => res.destroy())
  await pipeline(body, res).catch((error: NodeJS.ErrnoException) => {
    // Video players disconnect as soon as they have what they need.
    if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error
  })
}
