import type { Upload } from '../api.ts'
import { CutroomError } from '../errors.ts'
import { backoffMs, sleep } from '../http/backoff.ts'
import type { Transport } from '../http/transport.ts'
import type { Chunk, ChunkSource } from './chunks.ts'

/** Bytes that have arrived, and the size of the file; undefined while a stream has not ended. */
export type SendProgress = { sent: number; total: number | undefined }

export type SendOptions = {
  transport: Transport
  onProgress(progress: SendProgress): void
  signal?: AbortSignal | undefined
  /** Bytes may have arrived in an earlier attempt. */
  isResumed: boolean
}

/** How often in a row the connection may break without any progress. */
const MAX_BREAKS = 6
const COMPLETE = 'complete'

/**
 * Sends a file to an upload's URL by the protocol of a Cloud Storage resumable session: a chunk at a time, and after a broken
 * connection from where the service says that the bytes end.
 */
export async function sendFile(source: ChunkSource, upload: Upload, options: SendOptions): Promise<void> {
  const { onProgress, signal } = options
  const total = source.size
  let arrived: number | typeof COMPLETE = options.isResumed ? await askArrived(upload, total, options) : 0
  onProgress({ sent: arrived === COMPLETE ? (total ?? 0) : arrived, total })
  let breaks = 0
  while (arrived !== COMPLETE) {
    const chunk = await source.read(arrived)
    if (chunk.body.size === 0) throw nothingToSend(arrived)
    const before = arrived
    try {
      arrived = await sendChunk(chunk, upload, options)
    } catch (error) {
      if (!(error instanceof CutroomError) || !error.retryable || ++breaks >= MAX_BREAKS) throw error
      await sleep(backoffMs(breaks, error.retryAfter), signal)
      arrived = await askArrived(upload, chunk.total, options)
    }
    if (arrived === COMPLETE || arrived > before) breaks = 0
    const end = chunk.start + chunk.body.size
    onProgress({ sent: arrived === COMPLETE ? end : arrived, total: chunk.total })
  }
}

/** Sends one chunk, once: a repeat needs to know what has arrived. Resolves to the number of bytes that the service has. */
function sendChunk({ start, body, total }: Chunk, upload: Upload, options: SendOptions) {
  const range = `bytes ${start}-${start + body.size - 1}/${total ?? '*'}`
  return put(upload, range, body, false, options)
}

function askArrived(upload: Upload, total: number | undefined, options: SendOptions) {
  return put(upload, `bytes */${total ?? '*'}`, undefined, true, options)
}

async function put(
  { url, method, headers }: Upload,
  range: string,
  body: Blob | undefined,
  repeatable: boolean,
  { transport, signal }: SendOptions,
): Promise<number | typeof COMPLETE> {
  const response = await transport.send({
    method,
    url,
    headers: { ...headers, 'content-range': range },
    body,
    signal,
    repeatable,
    isOk: (status) => [200, 201, 308].includes(status),
  })
  await response.body?.cancel()
  if (response.status !== 308) return COMPLETE
  const last = /-(\d+)$/.exec(response.headers.get('range') ?? '')?.[1]
  return last === undefined ? 0 : Number(last) + 1
}

const nothingToSend = (arrived: number) =>
  new CutroomError(
    'client.input_invalid',
    arrived === 0
      ? 'The stream to upload is empty.'
      : `The upload already has ${arrived} bytes, and the file ends there: resume it with the same file.`,
  )
