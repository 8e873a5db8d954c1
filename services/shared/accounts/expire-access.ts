import type { Query } from '../database/database.ts'

export type ExpiredAccess = Record<'sessions' | 'api_keys' | 'source_links' | 'audit_events', number>

/**
 * Deletes sessions, API keys and links to sources that have expired, and audit events older than `auditDays`; at most `limit` of
 * each. Needs no privilege on these tables but to delete, and to read their ids and times, since batch sweeps: locking rows would
 * need the one to update them.
 */
export async function expireAccess(query: Query, auditDays: number, limit: number): Promise<ExpiredAccess> {
  const remove = async (table: string, column: string, age: string) => {
    const rows = await query(
      `DELETE FROM ${table} WHERE id IN (
         SELECT id FROM ${table} WHERE ${column} < now() - ${age}
         ORDER BY ${column} LIMIT $1
       ) RETURNING id`,
      [limit],
    )
    return rows.length
  }
  return {
    sessions: await remove('sessions', 'expires_at', "interval '0'"),
    api_keys: await remove('api_keys', 'expires_at', "interval '0'"),
    source_links: await remove('source_links', 'expires_at', "interval '0'"),
    audit_events: await remove('audit_events', 'created_at', `interval '${Number(auditDays)} days'`),
  }
}
