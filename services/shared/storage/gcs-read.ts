import { addAbortSignal, Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { backoff } from '../backoff.ts'
import { createCrc32c } from './crc32c.ts'
import { asStorageError, httpStatus, withGcsErrors } from './gcs-errors.ts'
import type { ByteRange } from './port.ts'

/** 1 to 2 s after the first failure, then 2 to 4 s, and so on. */
const BACKOFF = { baseMs: 2_000, maxMs: 60_000, jitter: 0.5 }

export type DownloadOptions = {
  /** The object's key, for error messages. */
  key: string
  /** URL of the object's bytes in the JSON API. */
  url: string
  /** Returns headers with credentials; called before every attempt, since tokens expire. */
  authorize: () => Promise<Headers>
  /** Retries of a download that fails before its first byte. */
  retries: number
  range?: ByteRange | undefined
  signal?: AbortSignal | undefined
}

/**
 * Downloads an object, or a range of it; resolves once the reply has started. A whole object is verified against its
 * CRC32C. Uses fetch instead of @google-cloud/storage 8: when that retries a streamed read, its HTTP client
 * (teeny-request 10) leaves a rejected promise unhandled, so that one 503 would end the process.
 *
 * @throws CutroomError `storage.not_found`, `request.range_not_satisfiable` or `storage.unavailable`; the stream fails with the latter.
 */
export async function readDownload(options: DownloadOptions): Promise<Readable> {
  const { key, range, signal } = options
  const attempted = `read ${key}`
  signal?.throwIfAborted()
  const stop = new AbortController()
  const ended = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal
  const known = { 404: 'storage.not_found', 416: 'request.range_not_satisfiable' } as const
  const response = await withGcsErrors(attempted, () => startWithRetries(options, ended), known)
  const expected = range ? undefined : /crc32c=([^,]+)/.exec(response.headers.get('x-goog-hash') ?? '')?.[1]
  const body = Readable.from(chunksOf(response, attempted, expected), { objectMode: false })
  body.once('close', () => stop.abort())
  return signal ? addAbortSignal(signal, body) : body
}

async function startWithRetries(options: DownloadOptions, signal: AbortSignal): Promise<Response> {
  for (let failures = 0; ; failures++) {
    try {
      return await start(options, signal)
    } catch (thrown) {
      signal.throwIfAborted()
      if (failures === options.retries || !isTransient(httpStatus(thrown))) throw thrown
      await sleep(backoff(failures + 1, BACKOFF), undefined, { signal })
    }
  }
}

async function start({ url, authorize, range }: DownloadOptions, signal: AbortSignal): Promise<Response> {
  const headers = await authorize()
  if (range) headers.set('range', `bytes=${range.start}-${range.end}`)
  const response = await fetch(url, { headers, signal })
  if (response.ok) return response
  throw Object.assign(new Error(await response.text()), { status: response.status })
}

/** Whether the same request may succeed later; `undefined` means that there was no reply. */
function isTransient(status: number | undefined): boolean {
  return status === undefined || status === 408 || status === 429 || status >= 500
}

async function* chunksOf(response: Response, attempted: string, expected: string | undefined) {
  const crc = createCrc32c()
  try {
    for await (const chunk of response.body ?? []) {
      if (expected) crc.update(chunk)
      yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)
    }
    if (expected && crc.digest() !== expected) {
      throw new Error('The downloaded bytes do not match the checksum of the object.')
    }
  } catch (thrown) {
    throw asStorageError(attempted, thrown)
  }
}
