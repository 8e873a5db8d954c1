import { computed, type ReadonlySignal, signal } from '@preact/signals'
import { createUpload, ownUrl } from '../api/operations.ts'
import { ApiError } from '../api/problem.ts'
import { apiError } from '../api/request.ts'
import { putChunk } from './put-chunk.ts'
import { forgetUpload, markComplete, recall, remember } from './remembered.ts'
import {
  nextChunk,
  receivedBytes,
  type Sample,
  secondsLeft,
  speedOf,
  statusHeader,
  verdictOf,
  waitMs,
  withSample,
} from './schedule.ts'

export type UploadState = 'sending' | 'paused' | 'waiting' | 'complete' | 'failed'

export type FileUpload = {
  state: ReadonlySignal<UploadState>
  sent: ReadonlySignal<number>
  /** Bytes per second. */
  speed: ReadonlySignal<number | undefined>
  secondsLeft: ReadonlySignal<number | undefined>
  error: ReadonlySignal<ApiError | undefined>
  uploadId: ReadonlySignal<string | undefined>
  pause(): void
  /** Goes on after a pause, a failure, or at once instead of after a wait. */
  resume(): void
  /** Stops for good. */
  cancel(): void
}

/** Sends a file to a new upload, or to the one that it was being sent to before a reload. It survives lost connections. */
export function startUpload(file: File): FileUpload {
  const state = signal<UploadState>('sending')
  const sent = signal(0)
  const samples = signal<Sample[]>([])
  const error = signal<ApiError | undefined>(undefined)
  const uploadId = signal<string | undefined>(undefined)
  const speed = computed(() => (state.value === 'sending' ? speedOf(samples.value) : undefined))
  let run = new AbortController()

  const onOnline = () => state.value === 'waiting' && resume()
  addEventListener('online', onOnline)
  send(run.signal)

  function measure(bytes: number) {
    sent.value = bytes
    samples.value = withSample(samples.value, { at: performance.now(), bytes })
  }

  async function send(stop: AbortSignal) {
    state.value = 'sending'
    samples.value = []
    error.value = undefined
    for (let lost = 0; !stop.aborted; ) {
      const outcome = await sendOnce(stop).catch((thrown) => apiError(thrown))
      if (stop.aborted) return
      if (outcome === 'complete') {
        state.value = 'complete'
        markComplete(file)
        removeEventListener('online', onOnline)
        return
      }
      if (outcome === 'progress') {
        lost = 0
        continue
      }
      const isTemporary =
        outcome === 'again' || outcome.isNetwork || outcome.status === 429 || outcome.status >= 500
      if (!isTemporary) {
        error.value = outcome
        state.value = 'failed'
        return
      }
      lost += 1
      state.value = 'waiting'
      await sleep(outcome === 'again' ? waitMs(lost) : (outcome.retryAfter ?? 0) * 1000 || waitMs(lost), stop)
      if (!stop.aborted) state.value = 'sending'
    }
  }

  /** Opens the upload or asks where to go on, and sends until something happens. */
  async function sendOnce(stop: AbortSignal): Promise<'complete' | 'progress' | 'again'> {
    const known = recall(file)
    const target =
      known ??
      (await createUpload({ filename: file.name.slice(0, 255) || 'upload', content_type: typeOf(file) }))
    if (!known) remember(file, target as Parameters<typeof remember>[1])
    uploadId.value = target.upload_id
    const url = ownUrl(target.url)
    const { headers } = target
    const before = sent.value
    if (known) {
      const status = await putChunk(
        url,
        null,
        { ...headers, 'Content-Range': statusHeader(file.size) },
        { signal: stop },
      )
      const verdict = verdictOf(status.status)
      if (verdict === 'expired') forgetUpload(file)
      if (verdict !== 'continue') return settle(verdict, status.status)
      measure(receivedBytes(status.range))
    } else measure(0)
    for (;;) {
      const start = sent.value
      const chunk = nextChunk(start, file.size, speedOf(samples.value))
      const body = chunk ? file.slice(chunk.start, chunk.end + 1) : new Blob()
      const range: Record<string, string> = chunk ? { 'Content-Range': chunk.header } : {}
      const reply = await putChunk(
        url,
        body,
        { ...headers, ...range },
        {
          signal: stop,
          onProgress: (bytes) => measure(start + bytes),
        },
      )
      const verdict = verdictOf(reply.status)
      if (verdict === 'complete') {
        measure(file.size)
        return 'complete'
      }
      if (verdict === 'expired') forgetUpload(file)
      if (verdict !== 'continue') {
        sent.value = start
        return start > before ? 'progress' : settle(verdict, reply.status)
      }
      // Storage elsewhere may not let the page read Range; what a chunk's 308 leaves out has arrived.
      measure(reply.range === null && chunk ? chunk.end + 1 : receivedBytes(reply.range))
    }
  }

  function settle(verdict: ReturnType<typeof verdictOf>, status: number): 'complete' | 'again' | 'progress' {
    if (verdict === 'complete') {
      measure(file.size)
      return 'complete'
    }
    if (verdict === 'expired') return 'progress'
    if (verdict === 'again' || verdict === 'continue') return 'again'
    const code = status === 413 ? 'request.too_large' : 'upload.refused'
    throw new ApiError({ status, code, detail: `The storage answered ${status}.` })
  }

  function stopRun() {
    run.abort()
    run = new AbortController()
  }

  function resume() {
    if (state.value === 'complete' || state.value === 'sending') return
    stopRun()
    send(run.signal)
  }

  return {
    state,
    sent,
    speed,
    secondsLeft: computed(() => secondsLeft(sent.value, file.size, speed.value)),
    error,
    uploadId,
    pause() {
      if (state.value !== 'sending' && state.value !== 'waiting') return
      stopRun()
      state.value = 'paused'
    },
    resume,
    cancel() {
      stopRun()
      if (state.value !== 'complete') forgetUpload(file)
      removeEventListener('online', onOnline)
    },
  }
}

/** An upload that was completed before, or with an error, one that cannot be used any longer. */
export function finishedUpload(id: string, error?: ApiError): FileUpload {
  const nothing = () => undefined
  return {
    state: signal(error ? 'failed' : 'complete'),
    sent: signal(0),
    speed: signal(undefined),
    secondsLeft: signal(undefined),
    error: signal(error),
    uploadId: signal(id),
    pause: nothing,
    resume: nothing,
    cancel: nothing,
  }
}

/** The API takes a media type without parameters; browsers know none for some files. */
const typeOf = ({ type }: File): string =>
  /^[\w.+-]{1,60}\/[\w.+-]{1,60}$/.test(type) ? type : 'application/octet-stream'

const sleep = (ms: number, stop: AbortSignal) =>
  new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms)
    stop.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
