import { LRUCache } from 'lru-cache'
import type { Storage } from '#shared/storage/port.ts'
import type { UploadRepository } from '#shared/uploads/upload-repository.ts'

/** Clients send bytes to Cloud Storage by themselves, so a user's objects are listed again, but not more often than this. */
const AT_MOST_EVERY_MS = 10_000
const MAX_USERS = 10_000

/** Records which of a user's uploads have arrived in the meantime. */
export type ReconcileUploads = (userId: string) => Promise<void>

export function createReconcileUploads(
  storage: Pick<Storage, 'list'>,
  uploads: Pick<UploadRepository, 'openKeys' | 'markReceived'>,
): ReconcileUploads {
  const recent = new LRUCache<string, true>({ max: MAX_USERS, ttl: AT_MOST_EVERY_MS })
  return async (userId) => {
    if (recent.has(userId)) return
    recent.set(userId, true)
    const open = new Set(await uploads.openKeys(userId))
    if (open.size === 0) return
    const arrived: { key: string; bytes: number }[] = []
    for await (const { key, bytes } of storage.list(`uploads/${userId}/`)) {
      if (open.has(key)) arrived.push({ key, bytes })
    }
    await uploads.markReceived(arrived)
  }
}
