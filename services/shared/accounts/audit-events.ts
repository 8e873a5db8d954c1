import type { AuditAction } from '../contract/accounts/audit.ts'
import type { Query } from '../database/database.ts'
import { type Cursor, cursorOf } from '../tasks/cursor.ts'

export type AuditRow = {
  id: string
  action: AuditAction
  created_at: Date
  address: string | null
  userAgent: string | null
  sessionId: string | null
  keyId: string | null
  details: Record<string, unknown>
}

/** Columns of AuditRow. */
export const AUDIT_COLUMNS = `id, action, created_at, address, user_agent AS "userAgent", session_id AS "sessionId",
  key_id AS "keyId", details`

/** A page of a user's audit events, the newest first; `after` is the last event of the page before. */
export async function listAuditEvents(
  query: Query,
  userId: string,
  { max, after }: { max: number; after: Cursor | undefined },
): Promise<{ rows: AuditRow[]; next: Cursor | undefined }> {
  const rows = await query<AuditRow>(
    `SELECT ${AUDIT_COLUMNS}
     FROM audit_events WHERE user_id = $1 ${after ? 'AND (created_at, id) < ($3::timestamptz, $4::uuid)' : ''}
     ORDER BY created_at DESC, id DESC LIMIT $2`,
    [userId, max + 1, ...(after ? [after.createdAt, after.id] : [])],
  )
  const last = rows.length > max ? rows[max - 1] : undefined
  return { rows: rows.slice(0, max), next: last && cursorOf(last) }
}
