import { pipeline } from 'node:stream/promises'
import type { Request, Response } from 'express'
import { CutroomError } from '#shared/errors.ts'
import type { Storage } from '#shared/storage/port.ts'
import type { StoredOutput } from '#shared/tasks/rows.ts'

type Delivery = { req: Request; res: Response; storage: Storage; linkSeconds: number }

/** Gives an output's bytes: by a signed link where the store has such, otherwise streamed from here. */
export async function sendOutput(
  output: StoredOutput,
  { req, res, storage, linkSeconds }: Delivery,
): Promise<void> {
  const url = await storage.downloadUrl(output.key, {
    fileName: output.name,
    contentType: output.content_type,
    expiresInSeconds: linkSeconds,
  })
  res.set('Cache-Control', 'private, no-store')
  if (url) return res.redirect(302, url)

  const range = chosenRange(req, output)
  const isEmpty = req.method === 'HEAD' || output.bytes === 0
  // Before any header speaks of the file: it may be gone.
  const body = isEmpty ? undefined : await storage.read(output.key, range && { range })
  res.status(range ? 206 : 200)
  res.type(output.content_type).attachment(output.name).set('Accept-Ranges', 'bytes')
  const { start, end } = range ?? { start: 0, end: output.bytes - 1 }
  if (range) res.set('Content-Range', `bytes ${start}-${end}/${output.bytes}`)
  res.set('Content-Length', String(end - start + 1))
  if (body) await stream(body, res)
  else res.end()
}

/** The one range asked for; undefined for the whole file. Several ranges at once are answered with the whole. */
function chosenRange(req: Request, { bytes, name }: StoredOutput) {
  const ranges = req.range(bytes)
  if (ranges === -1) {
    throw new CutroomError(
      'request.range_not_satisfiable',
      `${name} has ${bytes} bytes; the range asked for lies beyond.`,
      {
        headers: { 'Content-Range': `bytes */${bytes}` },
      },
    )
  }
  if (!Array.isArray(ranges) || ranges.type !== 'bytes' || ranges.length !== 1) return undefined
  return ranges[0]
}

async function stream(body: NodeJS.ReadableStream, res: Response) {
  await pipeline(body, res).catch((error: NodeJS.ErrnoException) => {
    // A player that has seen enough hangs up: nothing is wrong with that.
    if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error
  })
}
