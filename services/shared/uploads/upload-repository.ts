import type { Database, Query } from '../database/database.ts'

/** A file that a user has uploaded, or has asked to upload; `objectKey` is its key in storage. */
export type UploadRow = {
  id: string
  userId: string
  objectKey: string
  filename: string
  contentType: string
}

/** The only reader and writer of the uploads table. The objects themselves are the storage's. */
export type UploadRepository = {
  /** Records an upload that expires after the retention period, in the caller's transaction if its `query` is given. */
  create(upload: UploadRow, query?: Query): Promise<void>
  /** Those of the uploads that exist and belong to the user, in no particular order. */
  find(userId: string, ids: string[]): Promise<UploadRow[]>
  /** Forgets an upload; its object is the caller's to remove. An unknown id is ignored. */
  remove(id: string): Promise<void>
  /**
   * Forgets at most `limit` expired uploads that no unfinished task needs, and records their objects as orphaned.
   * Returns how many. Concurrent calls expire different uploads.
   */
  expire(limit: number): Promise<number>
}

/** The storage key of an upload. */
export const uploadKey = (userId: string, uploadId: string): string => `uploads/${userId}/${uploadId}`

/** `retentionDays`: how long an upload is kept, counted from its creation. */
export function uploadRepository(
  database: Database,
  { retentionDays }: { retentionDays: number },
): UploadRepository {
  return {
    async create({ id, userId, objectKey, filename, contentType }, query = database.query) {
      await query(
        `INSERT INTO uploads (id, user_id, object_key, filename, content_type, expires_at)
         VALUES ($1, $2, $3, $4, $5, now() + $6 * interval '1 day')`,
        [id, userId, objectKey, filename, contentType, retentionDays],
      )
    },

    async find(userId, ids) {
      if (ids.length === 0) return []
      return database.prisma.upload.findMany({ where: { userId, id: { in: ids } } })
    },

    async remove(id) {
      await database.prisma.upload.deleteMany({ where: { id } })
    },

    async expire(limit) {
      const expired = await database.query(
        `WITH expired AS (
           SELECT id, object_key FROM uploads
           WHERE expires_at < now() AND NOT EXISTS (
             SELECT 1 FROM tasks WHERE tasks.user_id = uploads.user_id AND status IN ('queued', 'running')
               AND recipe::text LIKE '%' || uploads.id || '%'
           ) ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED
         ), deleted AS (
           DELETE FROM uploads USING expired WHERE uploads.id = expired.id
         ), orphaned AS (
           INSERT INTO orphaned_objects (prefix, clean_after) SELECT object_key, now() FROM expired
           ON CONFLICT DO NOTHING
         )
         SELECT id FROM expired`,
        [limit],
      )
      return expired.length
    },
  }
}
