import { randomUUID } from 'node:crypto'
import type { Readable } from 'node:stream'
import type { Config } from '#shared/config.ts'
import type { Storage } from '#shared/storage/port.ts'
import { type UploadRepository, uploadKey } from '#shared/uploads/upload-repository.ts'
import type { FilePart } from '../http/multipart.ts'

/** A file of a form, stored as an upload. `discard` removes its row and its object. */
export type StoredFile = { uploadId: string; filename: string; crc32c: string; discard(): Promise<void> }

export type StoreFileDeps = { storage: Storage; uploads: UploadRepository; config: Pick<Config, 'uploads'> }

/**
 * Streams a file to storage and records it as an upload of the user; on failure nothing is kept.
 * @throws CutroomError `request.too_large` above `config.uploads.maxBytes`, and the errors of storage and database.
 */
export async function storeFile(
  userId: string,
  stream: Readable,
  part: FilePart,
  { storage, uploads, config }: StoreFileDeps,
): Promise<StoredFile> {
  const id = randomUUID()
  const objectKey = uploadKey(userId, id)
  const filename = storableName(part.filename)
  const contentType = plainType(part.mimeType)
  const { crc32c } = await storage.create(objectKey, stream, {
    contentType,
    maxBytes: config.uploads.maxBytes,
  })
  await uploads.create({ id, userId, objectKey, filename, contentType }).catch(async (error) => {
    await storage.remove(objectKey)
    throw error
  })
  return {
    uploadId: id,
    filename,
    crc32c,
    async discard() {
      await storage.remove(objectKey)
      await uploads.remove(id)
    },
  }
}

/** A file name that Postgres can store: at most 255 characters, no NUL, no unpaired surrogates. */
const storableName = (name = ''): string => name.replaceAll('\0', '').slice(0, 255).toWellFormed() || 'upload'

/** The type if it is a plain `type/subtype`, which Cloud Storage accepts. */
const plainType = (type: string): string =>
  /^[\w.+-]+\/[\w.+-]+$/.test(type) ? type : 'application/octet-stream'
