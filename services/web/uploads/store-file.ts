import { randomUUID } from 'node:crypto'
import type { Readable } from 'node:stream'
import type { Config } from '#shared/config.ts'
import type { Database } from '#shared/database/database.ts'
import type { Logger } from '#shared/observability/logger.ts'
import type { Storage } from '#shared/storage/port.ts'
import { enforceUploadQuota } from '#shared/uploads/upload-quota.ts'
import { type UploadRepository, uploadKey } from '#shared/uploads/upload-repository.ts'
import type { FilePart } from '../http/multipart.ts'
import type { ReconcileUploads } from './reconcile-uploads.ts'
import type { FreeSpaceDeps } from './require-free-space.ts'
import { withReconciledQuota } from './upload-quota.ts'

/**
 * A file of a form, stored as an upload. `discard` removes its row and its object, unless an unfinished task needs it: the task may
 * have been created although its reply was lost. What it cannot remove is left to the sweep.
 */
export type StoredFile = { uploadId: string; filename: string; crc32c: string; discard(): Promise<void> }

export type StoreFileDeps = FreeSpaceDeps & {
  storage: Storage
  uploads: UploadRepository
  database: Database
  config: Pick<Config, 'uploads'>
  reconcileUploads: ReconcileUploads
  log: Logger
}

/**
 * Records a file as an upload of the user, whose announced size counts for the quotas, and streams it to storage; on failure
 * nothing is kept. `announcedBytes`: at least the size of the file.
 * @throws CutroomError `request.too_large` above `config.uploads.maxBytes`, `upload.quota_exceeded`, and the errors of storage
 * and database.
 */
export async function storeFile(
  userId: string,
  stream: Readable,
  part: FilePart & { announcedBytes: number },
  { storage, uploads, database, config, reconcileUploads, log }: StoreFileDeps,
): Promise<StoredFile> {
  const id = randomUUID()
  const objectKey = uploadKey(userId, id)
  const filename = storableName(part.filename)
  const contentType = plainType(part.mimeType)
  const bytes = Math.min(part.announcedBytes, config.uploads.maxBytes)
  await withReconciledQuota(userId, reconcileUploads, () =>
    database.transaction(async (query) => {
      await enforceUploadQuota(query, userId, { bytes }, config.uploads.quotas)
      await uploads.create({ id, userId, objectKey, filename, contentType, bytes }, query)
    }),
  )
  const { crc32c } = await store().catch(async (error) => {
    await discard()
    throw error
  })
  return { uploadId: id, filename, crc32c, discard }

  async function discard() {
    try {
      if ((await uploads.delete(userId, id, 0)) === 'deleted') await storage.remove(objectKey)
    } catch (error) {
      log.warn('a file that is not needed was not removed; the sweep will', { uploadId: id, error })
    }
  }

  async function store() {
    const object = await storage.create(objectKey, stream, {
      contentType,
      maxBytes: config.uploads.maxBytes,
    })
    await uploads.markReceived([object])
    return object
  }
}

/** A file name that Postgres can store: at most 255 characters, no NUL, no unpaired surrogates. */
const storableName = (name = ''): string => name.replaceAll('\0', '').slice(0, 255).toWellFormed() || 'upload'

/** The type if it is a plain `type/subtype`, which Cloud Storage accepts. */
const plainType = (type: string): string =>
  /^[\w.+-]+\/[\w.+-]+$/.test(type) ? type : 'application/octet-stream'
