import type { UploadDetails } from '#shared/contract/uploads.ts'
import type { UploadDetailsRow } from '#shared/uploads/upload-repository.ts'

/** An upload as the API shows it. An announced size is not shown: the bytes may never come. */
export const toUploadDetails = (row: UploadDetailsRow): UploadDetails => ({
  upload_id: row.id,
  filename: row.filename,
  content_type: row.content_type,
  bytes: row.received_at ? Number(row.bytes) : null,
  created_at: row.created_at.toISOString(),
  expires_at: row.expires_at.toISOString(),
})
