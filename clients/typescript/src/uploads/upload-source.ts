import type { Upload } from '../api.ts'
import type { Caller, CallOptions } from '../call.ts'
import { createUpload } from '../generated/routes.ts'
import { ApiError } from '../http/api-error.ts'
import type { ChunkSource } from './chunks.ts'
import { type SendProgress, sendFile } from './send-file.ts'

export type SourceOptions = CallOptions & {
  /** Called at the start and after each chunk; in browsers, also while a chunk is being sent. */
  onProgress?: (progress: SendProgress) => void
  /** Called with the upload before bytes are sent to it. Keep it to continue later, also in another process or after a reload. */
  onCreated?: (upload: Upload) => void
  /**
   * An upload from `onCreated` whose bytes have not all arrived: continues it with the same file. If it has expired meanwhile, the
   * file is sent to a new one, of which `onCreated` tells.
   */
  resume?: Upload | undefined
}

/** Statuses of storage for an upload that nothing can be sent to any more. */
const GONE = [403, 404, 409, 410]

/** Sends a file to a new upload, or to the one that it was being sent to. Abort `signal` to pause. */
export async function uploadSource(
  caller: Caller,
  source: ChunkSource,
  { filename, contentType, ...options }: SourceOptions & { filename: string; contentType: string },
): Promise<Upload> {
  const { transport } = caller
  const { onProgress = () => {}, onCreated, attempts, onRetry, signal } = options
  const body = { filename, content_type: contentType }
  for (let { resume } = options; ; resume = undefined) {
    const target = resume ?? (await caller.call(createUpload, { body }, options))
    onCreated?.(target)
    try {
      const url = atService(target.url, caller.baseUrl)
      const isResumed = resume !== undefined
      await sendFile(
        source,
        { ...target, url },
        { transport, onProgress, isResumed, attempts, onRetry, signal },
      )
      return target
    } catch (error) {
      // A stream cannot be read again.
      const isGone =
        error instanceof ApiError && GONE.includes(error.status ?? 0) && source.size !== undefined
      if (!resume || !isGone) throw error
    }
  }
}

/**
 * The URL at which this program reaches what the service serves itself. The service names its public address, and a program may use
 * another one: a page that was opened as 127.0.0.1 may only call that.
 */
export function atService(url: string, baseUrl: string): string {
  const { pathname, search } = new URL(url)
  return /^\/(uploads\/content|shared|previews)\//.test(pathname) ? baseUrl + pathname + search : url
}
