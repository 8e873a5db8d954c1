import { GoogleError } from './google-error.ts'
import type { ObjectMetadata } from './objects.ts'

/** Parses a multipart/related upload: the metadata as JSON, then the content. */
export function parseMultipart(
  contentType: string,
  body: Buffer,
): { metadata: ObjectMetadata; content: Buffer } {
  const boundary = /^multipart\/related;.*boundary="?([^";]+)"?/.exec(contentType)?.[1]
  if (!boundary) throw new GoogleError(400, 'Multipart upload must be multipart/related with a boundary.')
  const parts = split(body, `--${boundary}`)
  const [about, media] = parts
  if (parts.length !== 2 || !about || !media)
    throw new GoogleError(400, 'Multipart upload must have two parts.')
  if (!/content-type: application\/json/i.test(about.head)) {
    throw new GoogleError(400, 'The first part of a multipart upload must be JSON.')
  }
  const type = /content-type: ([^\r\n]+)/i.exec(media.head)?.[1]
  const metadata = { ...(type && { contentType: type }), ...JSON.parse(about.content.toString()) }
  return { metadata, content: media.content }
}

function split(body: Buffer, delimiter: string) {
  const parts: { head: string; content: Buffer }[] = []
  let at = body.indexOf(delimiter)
  for (;;) {
    const from = at + delimiter.length
    if (at < 0) throw new GoogleError(400, 'The multipart body has no closing boundary.')
    if (body.subarray(from, from + 2).toString() === '--') return parts
    const next = body.indexOf(`\r\n${delimiter}`, from)
    const headEnd = body.indexOf('\r\n\r\n', from)
    if (next < 0 || headEnd < 0 || headEnd > next)
      throw new GoogleError(400, 'A part of the body has no end.')
    parts.push({ head: body.subarray(from, headEnd).toString(), content: body.subarray(headEnd + 4, next) })
    at = next + 2
  }
}
