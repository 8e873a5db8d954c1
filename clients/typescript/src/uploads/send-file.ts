import type { Upload } from '../api.ts'
import type { Fail } from '../http/problem.ts'
import { type RetryOptions, withRetries } from '../http/retries.ts'
import { isRetryable, type Transport } from '../http/transport.ts'
import { type ChunkSource, chunkBytesAt } from './chunks.ts'
import { type Sample, speedOf, withSample } from './speed.ts'

export type SendProgress = {
  /** Bytes that have arrived; in browsers, those that have left. */
  sent: number
  /** The size of the file; undefined while a stream has not ended. */
  total: number | undefined
  /** Bytes per second, over the last seconds; undefined until there is something to go by. */
  speed: number | undefined
}

export type SendOptions = RetryOptions & {
  transport: Transport
  onProgress(progress: SendProgress): void
  /** Bytes may have arrived in an earlier attempt. */
  isResumed: boolean
}

const COMPLETE = 'complete'
/** How many bytes have arrived, or that all have. */
type Arrived = number | typeof COMPLETE

/**
 * Sends a file to an upload's URL by the protocol of a Cloud Storage resumable session: a chunk at a time, and after a broken
 * connection from where the service says that the bytes end. `attempts` counts those in a row without any progress.
 */
export async function sendFile(
  source: ChunkSource,
  { url, headers }: Pick<Upload, 'url' | 'headers'>,
  options: SendOptions,
): Promise<void> {
  const { transport, signal } = options
  const retries = {
    ...options,
    attempts: options.attempts ?? transport.attempts,
    onRetry: options.onRetry ?? transport.onRetry,
  }
  let total = source.size
  let samples: Sample[] = []

  function report(sent: number): void {
    samples = withSample(samples, { at: performance.now(), bytes: sent })
    options.onProgress({ sent, total, speed: speedOf(samples) })
  }

  async function put(
    range: string,
    unnamed: number,
    body?: Blob,
    onSent?: (bytes: number) => void,
  ): Promise<Arrived> {
    const request = {
      method: 'PUT',
      url,
      headers: { ...headers, 'content-range': `bytes ${range}/${total ?? '*'}` },
      body,
      signal,
      // Once: a repeat needs to know what has arrived.
      attempts: 1,
      repeatable: false,
      isOk: (status: number) => [200, 201, 308].includes(status),
      ...(onSent && { onSent }),
    }
    return transport.send(request, async (response) => {
      await response.body?.cancel()
      if (response.status !== 308) return COMPLETE
      const last = /-(\d+)$/.exec(response.headers.get('range') ?? '')?.[1]
      return last === undefined ? unnamed : Number(last) + 1
    })
  }

  const askArrived = () => put('*', 0)

  /** Sends the chunk from `start`; again after a failure, unless some of it has arrived. */
  const sendFrom = (start: number) =>
    withRetries(
      async (attempt) => {
        const arrived = attempt > 1 ? await askArrived() : start
        if (arrived !== start) return arrived
        const chunk = await source.read(
          start,
          transport.reportsSent ? chunkBytesAt(speedOf(samples)) : undefined,
        )
        if (chunk.body.size === 0) throw nothingToSend(start, transport.fail)
        total = chunk.total
        end = start + chunk.body.size
        // A page cannot read Range where storage elsewhere does not allow it: what a chunk's reply leaves out has arrived then.
        const unnamed = transport.reportsSent ? end : 0
        return put(`${start}-${end - 1}`, unnamed, chunk.body, (bytes) => report(start + bytes))
      },
      isRetryable,
      retries,
    )

  let end = total ?? 0
  let arrived = options.isResumed ? await withRetries(askArrived, isRetryable, retries) : 0
  for (;;) {
    report(arrived === COMPLETE ? end : arrived)
    if (arrived === COMPLETE) return
    arrived = await sendFrom(arrived)
  }
}

const nothingToSend = (arrived: number, fail: Fail) =>
  fail(
    'client.input_invalid',
    arrived === 0
      ? 'The file to upload is empty.'
      : `The upload already has ${arrived} bytes, and the file ends there: resume it with the same file.`,
  )
