import type { IncomingHttpHeaders } from 'node:http'
import type { Config } from '#shared/config.ts'
import type { Database } from '#shared/database/database.ts'
import { CutroomError } from '#shared/errors.ts'
import { parseUploadRange, type UploadRange } from '#shared/storage/content-range.ts'
import type { UploadLink } from '#shared/storage/upload-link.ts'
import { enforceUploadQuota } from '#shared/uploads/upload-quota.ts'
import type { ReconcileUploads } from './reconcile-uploads.ts'
import { type FreeSpaceDeps, requireFreeSpace } from './require-free-space.ts'
import { withReconciledQuota } from './upload-quota.ts'

export type AdmitBytesDeps = FreeSpaceDeps & {
  config: Pick<Config, 'uploads'>
  database: Database
  reconcileUploads: ReconcileUploads
}

type OpenUpload = { id: string; user_id: string; bytes: string | null; received_at: Date | null }

/**
 * Requires that the bytes of a PUT to an upload link may be stored, and records the announced size before any of them is read:
 * it counts for the quota from now on.
 * @throws CutroomError `upload.link_invalid` for an upload that was deleted, `upload.quota_exceeded`, `storage.full`,
 * `request.malformed` for invalid headers.
 */
export async function admitBytes(
  link: UploadLink,
  headers: IncomingHttpHeaders,
  deps: AdmitBytesDeps,
): Promise<void> {
  const range = parseUploadRange(headers['content-range'], headers['content-length'])
  const [upload] = await deps.database.query<OpenUpload>(
    'SELECT id, user_id, bytes, received_at FROM uploads WHERE object_key = $1',
    [link.key],
    'upload-by-key',
  )
  if (!upload) throw uploadDeleted()
  const bytes = announcedBytes(range, link.maxBytes)
  // Who receives the bytes refuses an upload that is complete, and more than the link permits.
  if (upload.received_at || range.kind === 'status' || bytes > link.maxBytes) return
  // What comes before a chunk is stored already; a chunk that leaves a gap is refused.
  await requireFreeSpace(range.kind === 'whole' ? (range.length ?? 0) : bytes - range.start, deps)
  if (Number(upload.bytes ?? 0) >= bytes) return
  const { database, config, reconcileUploads } = deps
  await withReconciledQuota(upload.user_id, reconcileUploads, () =>
    database.transaction(async (query) => {
      await enforceUploadQuota(query, upload.user_id, { id: upload.id, bytes }, config.uploads.quotas)
      await query('UPDATE uploads SET bytes = $2 WHERE id = $1 AND received_at IS NULL', [upload.id, bytes])
    }),
  )
}

/** The size that a client has announced; what it has not may be as large as is permitted. */
function announcedBytes(range: UploadRange, maxBytes: number): number {
  if (range.kind === 'whole') return range.length ?? maxBytes
  return range.total ?? (range.kind === 'chunk' ? range.end + 1 : 0)
}

export const uploadDeleted = (): CutroomError =>
  new CutroomError(
    'upload.link_invalid',
    'The upload of this link was deleted or has expired. Request a new one with POST /uploads.',
  )
