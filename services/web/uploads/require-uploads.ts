import type { Config } from '#shared/config.ts'
import { CutroomError } from '#shared/errors.ts'
import type { Storage } from '#shared/storage/port.ts'
import type { UploadRepository } from '#shared/uploads/upload-repository.ts'
import { requireContent } from './require-content.ts'

export type RequireUploadsDeps = {
  uploads: UploadRepository
  storage: Storage
  config: Pick<Config, 'uploads'>
}

/**
 * Requires that every upload a recipe names belongs to the user and has been received.
 * @throws CutroomError `upload.not_found` for an unknown upload or another user's, `upload.missing` before its bytes
 * have arrived, `request.too_large` for more bytes than allowed: a Cloud Storage upload session has no size limit.
 */
export async function requireUploads(
  userId: string,
  ids: string[],
  { uploads, storage, config }: RequireUploadsDeps,
): Promise<void> {
  const rows = await uploads.find(userId, ids)
  const unknown = ids.find((id) => !rows.some((row) => row.id === id))
  if (unknown) {
    throw new CutroomError(
      'upload.not_found',
      `There is no upload ${unknown}; create one with POST /uploads.`,
    )
  }

  for (const { id, objectKey, receivedAt } of rows) {
    const info = await requireContent(storage, { id, key: objectKey })
    if (!receivedAt) await uploads.markReceived([info])
    if (info.bytes > config.uploads.maxBytes) {
      throw new CutroomError(
        'request.too_large',
        `Upload ${id} has ${info.bytes} bytes; at most ${config.uploads.maxBytes} are allowed.`,
      )
    }
  }
}
