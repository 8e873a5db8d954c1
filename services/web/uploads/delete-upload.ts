import { CutroomError } from '#shared/errors.ts'
import type { Logger } from '#shared/observability/logger.ts'
import type { Storage } from '#shared/storage/port.ts'
import type { UploadRepository } from '#shared/uploads/upload-repository.ts'
import { notFound } from '../http/not-found.ts'

export type DeleteUploadDeps = {
  uploads: Pick<UploadRepository, 'findDetails' | 'delete'>
  storage: Pick<Storage, 'stat' | 'remove'>
  log: Logger
}

/** How long a session of Cloud Storage, which a client may have begun, can still create the object; it lasts a week. */
const SESSION_DAYS = 8

/**
 * Deletes an upload with its file. What is not removed now is left to the sweep.
 * @throws CutroomError `upload.not_found`, or `upload.in_use` while an unfinished task needs it.
 */
export async function deleteUpload(
  userId: string,
  id: string,
  { uploads, storage, log }: DeleteUploadDeps,
): Promise<void> {
  const upload = await uploads.findDetails(userId, id)
  if (!upload) throw notFound('upload.not_found')
  const exists = (await storage.stat(upload.object_key)) !== undefined
  const outcome = await uploads.delete(userId, id, exists ? 0 : SESSION_DAYS)
  if (outcome === 'in use') {
    throw new CutroomError(
      'upload.in_use',
      `Upload ${id} was not deleted: an unfinished task needs it. Wait until the task has finished, or abort it.`,
    )
  }
  if (!exists) return
  await storage
    .remove(upload.object_key)
    .catch((error) =>
      log.warn('file of a deleted upload not removed; the sweep will', { uploadId: id, error }),
    )
}
