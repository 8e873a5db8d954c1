import { CutroomError } from '#shared/errors.ts'
import type { WebDeps } from '../deps.ts'

type Deps = Pick<WebDeps, 'uploads' | 'storage' | 'config'>

/**
 * Makes sure that every upload a recipe names belongs to the user and holds its bytes. Throws
 * `upload.not_found` for a foreign or unknown one, `upload.missing` before its bytes are in, and
 * `request.too_large`.
 */
export async function requireUploads(
  userId: string,
  ids: string[],
  { uploads, storage, config }: Deps,
): Promise<void> {
  const rows = await uploads.find(userId, ids)
  const missing = ids.find((id) => !rows.some((row) => row.id === id))
  if (missing)
    throw new CutroomError('upload.not_found', `There is no upload ${missing}; POST /uploads makes one.`)

  for (const { id, objectKey } of rows) {
    const info = await storage.stat(objectKey)
    if (!info)
      throw new CutroomError('upload.missing', `Upload ${id} holds no bytes yet; PUT them to its url first.`)
    if (info.bytes > config.uploads.maxBytes) {
      throw new CutroomError(
        'request.too_large',
        `Upload ${id} has ${info.bytes} bytes; ${config.uploads.maxBytes} are taken.`,
      )
    }
  }
}
