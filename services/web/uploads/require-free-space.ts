import type { Config } from '#shared/config.ts'
import { CutroomError } from '#shared/errors.ts'
import type { Storage } from '#shared/storage/port.ts'

export type FreeSpaceDeps = { storage: Pick<Storage, 'freeBytes'>; config: Pick<Config, 'uploads'> }

const RETRY_AFTER_SECONDS = '60'

/**
 * Requires that `bytes` more can be stored and leave the disk with its floor of free space.
 * @throws CutroomError `storage.full`
 */
export async function requireFreeSpace(bytes: number, { storage, config }: FreeSpaceDeps): Promise<void> {
  const freeBytes = await storage.freeBytes?.()
  if (freeBytes === undefined || freeBytes - bytes >= config.uploads.minFreeBytes) return
  throw new CutroomError(
    'storage.full',
    `The file cannot be stored: too little free space is left. Try again later, or give the source as a URL.`,
    { headers: { 'Retry-After': RETRY_AFTER_SECONDS } },
  )
}
