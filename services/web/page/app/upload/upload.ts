import { computed, type ReadonlySignal, signal } from '@preact/signals'
import { ApiError, chunksOfBlob, uploadSource } from '#client/core.ts'
import { apiError, caller } from '../api/request.ts'
import { forgetUpload, markComplete, recall, remember } from './remembered.ts'
import { secondsLeft } from './seconds-left.ts'

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
  const speed = signal<number | undefined>(undefined)
  const error = signal<ApiError | undefined>(undefined)
  const uploadId = signal<string | undefined>(undefined)
  let run = new AbortController()

  const onOnline = () => state.value === 'waiting' && resume()
  addEventListener('online', onOnline)
  send(run)

  async function send({ signal }: AbortController) {
    state.value = 'sending'
    speed.value = undefined
    error.value = undefined
    try {
      await uploadSource(caller, chunksOfBlob(file), {
        filename: file.name.slice(0, 255) || 'upload',
        contentType: typeOf(file),
        resume: recall(file),
        signal,
        attempts: Number.POSITIVE_INFINITY,
        onCreated(upload) {
          remember(file, upload)
          uploadId.value = upload.upload_id
        },
        onRetry: () => (state.value = 'waiting'),
        onProgress(progress) {
          if (signal.aborted) return
          state.value = 'sending'
          sent.value = progress.sent
          speed.value = progress.speed
        },
      })
      state.value = 'complete'
      markComplete(file)
      removeEventListener('online', onOnline)
    } catch (thrown) {
      if (signal.aborted) return
      error.value = toReason(apiError(thrown))
      state.value = 'failed'
    }
  }

  function stopRun() {
    run.abort()
    run = new AbortController()
  }

  function resume() {
    if (state.value === 'complete' || state.value === 'sending') return
    stopRun()
    send(run)
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

/** Storage elsewhere gives no reason. */
function toReason(error: ApiError): ApiError {
  const { code, detail, status } = error
  if (code !== 'client.reply_unexpected') return error
  return new ApiError(status === 413 ? 'request.too_large' : 'upload.refused', detail, { status })
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
