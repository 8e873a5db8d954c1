import type { Query } from '#shared/database/database.ts'
import type { UploadRow } from '#shared/uploads/upload-repository.ts'

/** How long an upload that no task has taken up is kept. */
const keptFor = '7 days'

/** Writes an upload's row, in the caller's transaction or by itself. */
export async function insertUpload(
  query: Query,
  { id, userId, objectKey, filename, contentType }: UploadRow,
): Promise<void> {
  await query(
    `INSERT INTO uploads (id, user_id, object_key, filename, content_type, expires_at)
     VALUES ($1, $2, $3, $4, $5, now() + $6::interval)`,
    [id, userId, objectKey, filename, contentType, keptFor],
  )
}
