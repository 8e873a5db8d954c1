import { randomUUID } from 'node:crypto'
import type { Config } from '#shared/config.ts'
import type { Upload, UploadRequest } from '#shared/contract/uploads.ts'
import type { Query } from '#shared/database/database.ts'
import type { Storage } from '#shared/storage/port.ts'
import { type UploadRepository, uploadKey } from '#shared/uploads/upload-repository.ts'

export type CreateUploadDeps = {
  storage: Storage
  uploads: UploadRepository
  config: Pick<Config, 'uploads'>
}

/** Records an upload with `query` and returns the signed URL to which the client sends its bytes. */
export async function createUpload(
  userId: string,
  { filename, content_type: contentType }: UploadRequest,
  query: Query,
  { storage, uploads, config: { uploads: settings } }: CreateUploadDeps,
): Promise<Upload> {
  const id = randomUUID()
  const objectKey = uploadKey(userId, id)
  const target = await storage.uploadTarget(objectKey, {
    contentType,
    maxBytes: settings.maxBytes,
    expiresInSeconds: settings.linkSeconds,
  })
  await uploads.create({ id, userId, objectKey, filename, contentType }, query)
  return {
    upload_id: id,
    method: target.method,
    url: target.url,
    headers: target.headers,
    max_bytes: settings.maxBytes,
    expires_at: target.expiresAt.toISOString(),
  }
}
