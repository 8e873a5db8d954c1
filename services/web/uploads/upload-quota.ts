import { CutroomError } from '#shared/errors.ts'
import type { ReconcileUploads } from './reconcile-uploads.ts'

/**
 * Runs an attempt that enforces the upload quotas of a user. Before it is refused, uploads that have arrived without web's
 * knowledge are recorded, and it is run once more.
 */
export const withReconciledQuota = <T>(
  userId: string,
  reconcileUploads: ReconcileUploads,
  attempt: () => Promise<T>,
): Promise<T> =>
  attempt().catch(async (error) => {
    if (!(error instanceof CutroomError && error.code === 'upload.quota_exceeded')) throw error
    await reconcileUploads(userId)
    return attempt()
  })
