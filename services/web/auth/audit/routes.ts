import { type AuditRow, listAuditEvents } from '#shared/accounts/audit-events.ts'
import type { AuditEvent } from '#shared/contract/accounts/audit.ts'
import { operations } from '#shared/contract/operations.ts'
import type { Database } from '#shared/database/database.ts'
import { decodeCursor, encodeCursor } from '#shared/tasks/cursor.ts'
import type { Route } from '../../http/operation-router.ts'

export function mountAudit(route: Route, { database }: { database: Database }): void {
  route(operations.audit, async ({ user, query: { max, page } }) => {
    const after = page === undefined ? undefined : decodeCursor(page)
    const { rows, next } = await listAuditEvents(database.query, user.id, { max, after })
    return {
      status: 200,
      body: { events: rows.map(toAuditEvent), next_page: next ? encodeCursor(next) : null },
    }
  })
}

/** An event as the API returns it. */
export const toAuditEvent = (row: AuditRow): AuditEvent => ({
  id: row.id,
  action: row.action,
  at: row.created_at.toISOString(),
  address: row.address,
  user_agent: row.userAgent,
  session_id: row.sessionId,
  key_id: row.keyId,
  details: row.details,
})
