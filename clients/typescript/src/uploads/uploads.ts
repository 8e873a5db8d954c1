import type { Reply, Upload, UploadDetails } from '../api.ts'
import type { Caller, CallOptions } from '../call.ts'
import { deleteUpload, getUpload, listUploads } from '../generated/routes.ts'
import { allPages, orderOf, type PageOptions } from '../pages.ts'
import { type FileInput, openSource } from './file-source.ts'
import { type SourceOptions, uploadSource } from './upload-source.ts'

export type UploadOptions = SourceOptions & {
  /** Shown in lists; by default that of the file. */
  filename?: string
  /** A media type, such as `video/mp4`; guessed from the file name by default. */
  contentType?: string
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

export function createUploads(caller: Caller): Uploads {
  const { call } = caller

  async function upload(file: FileInput, options: UploadOptions = {}): Promise<Upload> {
    const { source, ...named } = await openSource(file)
    return uploadSource(caller, source, { ...named, ...options })
  }

  return {
    upload,
    get: (id, options) => call(getUpload, { path: { id } }, options),
    list: (options = {}) =>
      allPages(async (page) => {
        const query = { max: 100, order: orderOf(options), ...(page && { page }) }
        const { uploads, next_page } = await call(listUploads, { query }, options)
        return { items: uploads, next: next_page }
      }),
    async delete(id, options) {
      await call(deleteUpload, { path: { id } }, options)
    },
  }
}
