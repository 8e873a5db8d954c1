import { randomUUID } from 'node:crypto'
import type { Config } from '#shared/config.ts'
import type { Upload, UploadRequest } from '#shared/contract/uploads.ts'
import type { Storage } from '#shared/storage/port.ts'
import { type UploadRow, uploadKey } from '#shared/uploads/upload-repository.ts'

export type OpenUploadDeps = {
  storage: Storage
  config: Pick<Config, 'uploads'>
}

/** Opens an upload: what is to be recorded of it, and the reply with the signed URL to which the client sends its bytes. */
export async function openUpload(
  userId: string,
  { filename, content_type: contentType }: UploadRequest,
  { storage, config: { uploads: settings } }: OpenUploadDeps,
): Promise<{ row: UploadRow; reply: Upload }> {
  const id = randomUUID()
  const objectKey = uploadKey(userId, id)
  const target = await storage.uploadTarget(objectKey, {
    contentType,
    maxBytes: settings.maxBytes,
    expiresInSeconds: settings.linkSeconds,
  })
  return {
    row: { id, userId, objectKey, filename, contentType },
    reply: {
      upload_id: id,
      method: target.method,
      url: target.url,
      headers: target.headers,
      max_bytes: settings.maxBytes,
      expires_at: target.expiresAt.toISOString(),
    },
  }
}
