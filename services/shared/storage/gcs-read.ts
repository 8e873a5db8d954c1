import { addAbortSignal, Readable } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'
import { createCrc32c } from './crc32c.ts'
import { asStorageError, httpStatus, withGcsErrors } from './gcs-errors.ts'
import type { ByteRange } from './port.ts'

export type DownloadOptions = {
  /** Named in errors. */
  key: string
  /** Address of the object's bytes in the JSON API. */
  url: string
  /** Headers that carry the credentials; asked for before every try, since tokens grow old. */
  authorize: () => Promise<Headers>
  /** How often a download that does not begin is begun again. */
  repeats: number
  range?: ByteRange | undefined
  signal?: AbortSignal | undefined
}

/**
 * The bytes of an object, once they are coming; a whole object is held against its CRC32C. Fetched directly:
 * when @google-cloud/storage 8 repeats a streamed read, its HTTP client (teeny-request 10) rejects a promise
 * that nobody holds, and one 503 of the bucket would end the process.
 */
export async function readDownload(options: DownloadOptions): Promise<Readable> {
  const { key, range, signal } = options
  const attempted = `read ${key}`
  signal?.throwIfAborted()
  const stop = new AbortController()
  const ended = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal
  const known = { 404: 'storage.not_found', 416: 'request.range_not_satisfiable' } as const
  const response = await withGcsErrors(attempted, () => beginRepeatedly(options, ended), known)
  const expected = range ? undefined : /crc32c=([^,]+)/.exec(response.headers.get('x-goog-hash') ?? '')?.[1]
  const body = Readable.from(chunksOf(response, attempted, expected), { objectMode: false })
  body.once('close', () => stop.abort())
  return signal ? addAbortSignal(signal, body) : body
}

async function beginRepeatedly(options: DownloadOptions, signal: AbortSignal): Promise<Response> {
  for (let failures = 0; ; failures++) {
    try {
      return await begin(options, signal)
    } catch (thrown) {
      signal.throwIfAborted()
      if (failures === options.repeats || !mayPass(httpStatus(thrown))) throw thrown
      await wait(1000 * 2 ** failures * (1 + Math.random()), undefined, { signal })
    }
  }
}

async function begin({ url, authorize, range }: DownloadOptions, signal: AbortSignal): Promise<Response> {
  const headers = await authorize()
  if (range) headers.set('range', `bytes=${range.start}-${range.end}`)
  const response = await fetch(url, { headers, signal })
  if (response.ok) return response
  throw Object.assign(new Error(await response.text()), { status: response.status })
}

/** Whether the same request may go well later: after no answer at all, too. */
function mayPass(status: number | undefined): boolean {
  return status === undefined || status === 408 || status === 429 || status >= 500
}

async function* chunksOf(response: Response, attempted: string, expected: string | undefined) {
  const crc = createCrc32c()
  try {
    for await (const chunk of response.body ?? []) {
      if (expected) crc.update(chunk)
      yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)
    }
    if (expected && crc.digest() !== expected)
      throw new Error('the bytes do not have the checksum of the object')
  } catch (thrown) {
    throw asStorageError(attempted, thrown)
  }
}
