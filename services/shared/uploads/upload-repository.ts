import type { ListUploadsQuery } from '../contract/uploads.ts'
import type { Database, Query } from '../database/database.ts'
import { type Cursor, cursorOf } from '../tasks/cursor.ts'

/** A file that a user has uploaded, or has asked to upload; `objectKey` is its key in storage. */
export type UploadRow = {
  id: string
  userId: string
  objectKey: string
  filename: string
  contentType: string
  /** When its bytes were found to have arrived. */
  receivedAt?: Date | null
}

/** An upload as its owner sees it. `received_at` is null until all bytes are known to have arrived. */
export type UploadDetailsRow = {
  id: string
  object_key: string
  filename: string
  content_type: string
  bytes: string | null
  created_at: Date
  received_at: Date | null
  expires_at: Date
}

export type UploadPage = Pick<ListUploadsQuery, 'max' | 'order'> & { after?: Cursor | undefined }

/** The only reader and writer of the uploads table. The objects themselves are the storage's. */
export type UploadRepository = {
  /**
   * Records an upload that expires after the retention period, in the caller's transaction if its `query` is given. `bytes`:
   * the announced size, which counts for the quota from now on.
   */
  create(upload: UploadRow & { bytes?: number }, query?: Query): Promise<void>
  /** Records the size of an object that is complete; an unknown key is ignored. */
  markReceived(objects: { key: string; bytes: number }[]): Promise<void>
  /** The keys of a user's uploads whose bytes are not known to have arrived. */
  openKeys(userId: string): Promise<string[]>
  /** One page in order of creation, and where the next one starts. */
  list(userId: string, page: UploadPage): Promise<{ rows: UploadDetailsRow[]; next: Cursor | undefined }>
  findDetails(userId: string, id: string): Promise<UploadDetailsRow | undefined>
  /**
   * Deletes a user's upload and records its object as orphaned, to be removed in `cleanAfterDays`. Undefined when there is no
   * such upload.
   */
  delete(userId: string, id: string, cleanAfterDays: number): Promise<'deleted' | 'in use' | undefined>
  /** Those of the uploads that exist and belong to the user, in no particular order. */
  find(userId: string, ids: string[]): Promise<UploadRow[]>
  /** Any user's upload, for callers who have shown a signed link. Undefined when there is none. */
  findShared(id: string): Promise<UploadRow | undefined>
  /**
   * Forgets at most `limit` expired uploads that no unfinished task needs, and records their objects as orphaned.
   * Returns how many. Concurrent calls expire different uploads.
   */
  expire(limit: number): Promise<number>
}

/** The storage key of an upload. */
export const uploadKey = (userId: string, uploadId: string): string => `uploads/${userId}/${uploadId}`

/** The user whose upload has this storage key. */
export const userIdOf = (uploadKey: string): string => uploadKey.split('/')[1] ?? ''

/** The upload that has this storage key. */
export const uploadIdOf = (uploadKey: string): string => uploadKey.split('/')[2] ?? ''

/**
 * The columns of an UploadRow. Not read by the generated client, although it could: batch uses it for nothing else, and its first
 * query takes a quarter of a second of processor time, before the first job of every new instance.
 */
const ROW_COLUMNS =
  'id, user_id AS "userId", object_key AS "objectKey", filename, content_type AS "contentType", received_at AS "receivedAt"'

const DETAILS_COLUMNS = 'id, object_key, filename, content_type, bytes, created_at, received_at, expires_at'

/** Whether an unfinished task needs an upload: SQL with the columns of uploads. */
const IN_USE = `EXISTS (
  SELECT 1 FROM tasks WHERE tasks.user_id = uploads.user_id AND status IN ('queued', 'running')
    AND recipe::text LIKE '%' || uploads.id || '%'
)`

/** `retentionDays`: how long an upload is kept, counted from its creation. */
export function uploadRepository(
  database: Database,
  { retentionDays }: { retentionDays: number },
): UploadRepository {
  return {
    async create({ id, userId, objectKey, filename, contentType, bytes }, query = database.query) {
      await query(
        `INSERT INTO uploads (id, user_id, object_key, filename, content_type, expires_at, bytes)
         VALUES ($1, $2, $3, $4, $5, now() + $6 * interval '1 day', $7)`,
        [id, userId, objectKey, filename, contentType, retentionDays, bytes ?? null],
      )
    },

    async markReceived(objects) {
      if (objects.length === 0) return
      await database.query(
        `UPDATE uploads SET bytes = object.bytes, received_at = coalesce(received_at, now())
         FROM unnest($1::text[], $2::bigint[]) AS object (key, bytes) WHERE object_key = object.key`,
        [objects.map(({ key }) => key), objects.map(({ bytes }) => bytes)],
      )
    },

    async openKeys(userId) {
      const rows = await database.query<{ object_key: string }>(
        'SELECT object_key FROM uploads WHERE user_id = $1 AND received_at IS NULL',
        [userId],
      )
      return rows.map(({ object_key }) => object_key)
    },

    async list(userId, { max, order, after }) {
      const [direction, beyond] = order === '0' ? ['ASC', '>'] : ['DESC', '<']
      const rows = await database.query<UploadDetailsRow>(
        `SELECT ${DETAILS_COLUMNS} FROM uploads WHERE user_id = $1
           ${after ? `AND (created_at, id) ${beyond} ($3::timestamptz, $4::uuid)` : ''}
         ORDER BY created_at ${direction}, id ${direction} LIMIT $2`,
        [userId, max + 1, ...(after ? [after.createdAt, after.id] : [])],
      )
      const last = rows.length > max ? rows[max - 1] : undefined
      return { rows: rows.slice(0, max), next: last && cursorOf(last) }
    },

    async findDetails(userId, id) {
      const [row] = await database.query<UploadDetailsRow>(
        `SELECT ${DETAILS_COLUMNS} FROM uploads WHERE user_id = $1 AND id = $2`,
        [userId, id],
      )
      return row
    },

    async delete(userId, id, cleanAfterDays) {
      const [row] = await database.query<{ in_use: boolean }>(
        `WITH upload AS (
           SELECT id, ${IN_USE} AS in_use FROM uploads WHERE user_id = $1 AND id = $2 FOR UPDATE
         ), deleted AS (
           DELETE FROM uploads USING upload WHERE uploads.id = upload.id AND NOT in_use RETURNING object_key
         ), orphaned AS (
           INSERT INTO orphaned_objects (prefix, clean_after)
           SELECT object_key, now() + $3 * interval '1 day' FROM deleted ON CONFLICT DO NOTHING
         )
         SELECT in_use FROM upload`,
        [userId, id, cleanAfterDays],
      )
      return row && (row.in_use ? 'in use' : 'deleted')
    },

    async find(userId, ids) {
      if (ids.length === 0) return []
      return database.query<UploadRow>(
        `SELECT ${ROW_COLUMNS} FROM uploads WHERE user_id = $1 AND id = ANY($2::uuid[])`,
        [userId, ids],
        'uploads-find',
      )
    },

    async findShared(id) {
      const [row] = await database.query<UploadRow>(
        `SELECT ${ROW_COLUMNS} FROM uploads WHERE id = $1`,
        [id],
        'upload-find-shared',
      )
      return row
    },

    async expire(limit) {
      const expired = await database.query(
        `WITH expired AS (
           SELECT id, object_key FROM uploads
           WHERE expires_at < now() AND NOT ${IN_USE} ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED
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
