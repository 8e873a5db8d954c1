import { GoogleError } from './google-error.ts'
import type { StoredObject } from './objects.ts'
import type { Reply } from './reply.ts'

/** The reply with an object's content, or with the requested range of it. */
export function media(object: StoredObject, range: string | undefined): Reply {
  const part = readRange(range, object.content.length)
  const body = part ? object.content.subarray(part.start, part.end + 1) : object.content
  const headers = {
    'content-type': object.contentType,
    'accept-ranges': 'bytes',
    etag: object.etag,
    'x-goog-generation': object.generation,
    'x-goog-hash': `crc32c=${object.crc32c},md5=${object.md5Hash}`,
    'x-goog-stored-content-encoding': 'identity',
    'x-goog-stored-content-length': String(object.content.length),
    ...(part && { 'content-range': `bytes ${part.start}-${part.end}/${object.content.length}` }),
  }
  return { status: part ? 206 : 200, headers, body }
}

/** Both ends inclusive; undefined for the whole object, also for a Range header that cannot be parsed. */
function readRange(range: string | undefined, size: number) {
  const match = /^bytes=(\d*)-(\d*)$/.exec(range ?? '')
  if (!match || match[0] === 'bytes=-') return undefined
  const [, first = '', last = ''] = match
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first)
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1)
  if (start >= size || end < start)
    throw new GoogleError(416, `The requested range ${range} cannot be satisfied.`)
  return { start, end }
}
