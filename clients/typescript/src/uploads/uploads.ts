import type { Reply, Upload, UploadDetails } from '../api.ts'
import type { Call, CallOptions } from '../call.ts'
import type { Transport } from '../http/transport.ts'
import { allPages, orderOf, type PageOptions } from '../pages.ts'
import { type FileInput, openSource } from './file-source.ts'
import { type SendProgress, sendFile } from './send-file.ts'

export type UploadOptions = CallOptions & {
  /** Called at the start and after each chunk. */
  onProgress?: (progress: SendProgress) => void
  /** Shown in lists; by default that of the file. */
  filename?: string
  /** A media type, such as `video/mp4`; guessed from the file name by default. */
  contentType?: string
  /** Called once the upload exists. Keep it to continue after the process has ended. */
  onCreated?: (upload: Upload) => void
  /** An upload from `onCreated` whose bytes have not all arrived: continues it with the same file. */
  resume?: Upload
}

export type UploadFile = (file: FileInput, options?: UploadOptions) => Promise<Upload>

export type Uploads = {
  /** The same as `upload` of the client. */
  upload: UploadFile
  get(id: string, options?: CallOptions): Promise<Reply<'getUpload'>>
  /** All uploads, page after page, the newest first. */
  list(options?: PageOptions): AsyncGenerator<UploadDetails>
  /** Deletes an upload and its file. While an unfinished task needs it, the error is `upload.in_use`. */
  delete(id: string, options?: CallOptions): Promise<void>
}

export function createUploads(call: Call, transport: Transport): Uploads {
  async function upload(file: FileInput, options: UploadOptions = {}): Promise<Upload> {
    const { source, ...named } = await openSource(file)
    const body = {
      filename: options.filename ?? named.filename,
      content_type: options.contentType ?? named.contentType,
    }
    const target = options.resume ?? (await call('createUpload', { body }, options))
    options.onCreated?.(target)
    const { onProgress = () => {}, signal, resume } = options
    await sendFile(source, target, { transport, onProgress, signal, isResumed: resume !== undefined })
    return target
  }

  return {
    upload,
    get: (id, options) => call('getUpload', { path: { id } }, options),
    list: (options = {}) =>
      allPages(async (page) => {
        const query = { max: 100, order: orderOf(options), ...(page && { page }) }
        const { uploads, next_page } = await call('listUploads', { query }, options)
        return { items: uploads, next: next_page }
      }),
    async delete(id, options) {
      await call('deleteUpload', { path: { id } }, options)
    },
  }
}
