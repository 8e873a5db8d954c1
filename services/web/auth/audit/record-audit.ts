import type { Request } from 'express'
import type { Origin } from '#shared/accounts/origin.ts'
import type { AuditAction } from '#shared/contract/accounts/audit.ts'
import type { Query } from '#shared/database/database.ts'
import { originOf } from '../../http/origin.ts'
import type { Principal } from '../../http/principal.ts'

/** Something that was done with an account: whose it is, what, from where, and by which session or API key. */
export type NewAuditEvent = {
  userId: string
  action: AuditAction
  address: string | null
  userAgent: string | null
  sessionId?: string | undefined
  keyId?: string | undefined
  /** What it was done to. Shown to the account's owner; never a secret. */
  details?: Record<string, unknown>
}

/** Who makes a request, for `recordAudit`. */
export const actorOf = (req: Request, { id, sessionId, keyId }: Principal) => ({
  userId: id,
  sessionId,
  keyId,
  ...originOf(req),
})

/** Records something that was done with an account. In a transaction, it is recorded if and only if it was done. */
export async function recordAudit(query: Query, event: NewAuditEvent): Promise<void> {
  const { userId, action, address, userAgent, sessionId, keyId, details } = event
  await query(
    `INSERT INTO audit_events (user_id, action, address, user_agent, session_id, key_id, details)
     VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [userId, action, address, userAgent, sessionId ?? null, keyId ?? null, details ?? {}],
    'record-audit',
  )
}

/**
 * Records a failed login on the account with this key of an e-mail address, if there is one. Failures from one address
 * within a minute are one event that counts them, so that guessing passwords does not fill the table.
 */
export async function recordFailedLogin(
  query: Query,
  emailKey: string,
  { address, userAgent }: Origin,
): Promise<void> {
  await query(
    `WITH counted AS (
       UPDATE audit_events SET details = jsonb_build_object('count', (details->>'count')::int + 1)
       WHERE id = (
         SELECT audit_events.id FROM audit_events JOIN users ON users.id = user_id
         WHERE email_key = $1 AND action = 'login.failed' AND address IS NOT DISTINCT FROM $2
           AND audit_events.created_at > now() - interval '1 minute'
         ORDER BY audit_events.created_at DESC LIMIT 1
       ) RETURNING id
     )
     INSERT INTO audit_events (user_id, action, address, user_agent, details)
     SELECT id, 'login.failed', $2, $3, '{"count": 1}' FROM users
     WHERE email_key = $1 AND NOT EXISTS (SELECT FROM counted)`,
    [emailKey, address, userAgent],
  )
}
