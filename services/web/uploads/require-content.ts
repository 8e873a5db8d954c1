import { CutroomError } from '#shared/errors.ts'
import type { Storage } from '#shared/storage/port.ts'

/** The stored object of an upload. @throws CutroomError `upload.missing` before its bytes have arrived. */
export async function requireContent(
  storage: Pick<Storage, 'stat'>,
  { id, key }: { id: string; key: string },
) {
  const object = await storage.stat(key)
  if (object) return object
  throw new CutroomError(
    'upload.missing',
    `Upload ${id} is not complete; PUT all of its bytes to its URL first.`,
  )
}
