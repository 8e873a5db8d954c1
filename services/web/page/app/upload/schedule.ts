/** What an upload does next, decided from values alone. */

/** Chunks other than the last must be multiples of this, as in Cloud Storage. */
const CHUNK_UNIT = 256 * 1024
const MIN_CHUNK = 4 * CHUNK_UNIT
const MAX_CHUNK = 128 * CHUNK_UNIT
/** A chunk should take about this long: a lost connection repeats no more. */
const CHUNK_SECONDS = 4
const MAX_WAIT_MS = 30_000

/** A stretch of a file, both ends as in Content-Range. */
export type Chunk = { start: number; end: number; header: string }

/** The next chunk of a file, sized for the speed in bytes per second; undefined when all bytes have been sent. */
export function nextChunk(sent: number, size: number, speed: number | undefined): Chunk | undefined {
  if (sent >= size) return undefined
  const wanted = speed === undefined ? MIN_CHUNK : speed * CHUNK_SECONDS
  const units = Math.floor(Math.min(Math.max(wanted, MIN_CHUNK), MAX_CHUNK) / CHUNK_UNIT)
  const end = Math.min(sent + units * CHUNK_UNIT, size) - 1
  return { start: sent, end, header: `bytes ${sent}-${end}/${size}` }
}

/** The Content-Range that asks how much has arrived. */
export const statusHeader = (size: number): string => `bytes */${size}`

/** The number of bytes that have arrived, from the Range header of a 308 reply, which is absent when there are none. */
export function receivedBytes(range: string | null): number {
  const match = /^bytes=0-(\d+)$/.exec(range ?? '')
  return match ? Number(match[1]) + 1 : 0
}

/** How long to wait before try `n` after a lost connection, from 1. */
export const waitMs = (attempt: number): number => Math.min(500 * 2 ** (attempt - 1), MAX_WAIT_MS)

/** What a status of the storage means for an upload. */
export function verdictOf(status: number): 'complete' | 'continue' | 'again' | 'expired' | 'refused' {
  if (status === 200 || status === 201) return 'complete'
  if (status === 308) return 'continue'
  if (status === 0 || status === 408 || status === 429 || status >= 500) return 'again'
  return [403, 404, 409, 410].includes(status) ? 'expired' : 'refused'
}

/** One measurement: bytes sent by a point in time. */
export type Sample = { at: number; bytes: number }

const WINDOW_MS = 8_000

/** The samples of the last seconds, with a new one. */
export const withSample = (samples: Sample[], sample: Sample): Sample[] => [
  ...samples.filter(({ at, bytes }) => sample.at - at < WINDOW_MS && bytes <= sample.bytes),
  sample,
]

/** Bytes per second over the samples; undefined until there is something to go by. */
export function speedOf(samples: Sample[]): number | undefined {
  const [first, last] = [samples[0], samples.at(-1)]
  if (!first || !last || last.at - first.at < 250) return undefined
  return ((last.bytes - first.bytes) / (last.at - first.at)) * 1000
}

/** Seconds until the upload is complete; undefined while the speed is not known. */
export const secondsLeft = (sent: number, size: number, speed: number | undefined): number | undefined =>
  speed ? (size - sent) / speed : undefined
