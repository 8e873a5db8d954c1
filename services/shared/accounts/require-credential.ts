import type { Query } from '../database/database.ts'
import { CutroomError } from '../errors.ts'

/** What a caller was identified by: a session or an API key. */
export type Credential = { userId: string; sessionId?: string | undefined; keyId?: string | undefined }

/**
 * Requires that a credential still exists, in the caller's transaction, which keeps a password reset from ending it meanwhile. For
 * what outlives its creator, as a new API key does: callers are identified from a cache, which is some seconds old.
 * @throws CutroomError `auth.required`
 */
export async function requireCredential(
  query: Query,
  { userId, sessionId, keyId }: Credential,
): Promise<void> {
  await query('SELECT FROM users WHERE id = $1 FOR NO KEY UPDATE', [userId])
  const found = await query(
    `SELECT FROM sessions WHERE user_id = $1 AND id = $2 AND expires_at > now()
     UNION ALL
     SELECT FROM api_keys WHERE user_id = $1 AND id = $3 AND (expires_at IS NULL OR expires_at > now())`,
    [userId, sessionId ?? null, keyId ?? null],
  )
  if (found.length > 0) return
  throw new CutroomError('auth.required', 'The session or API key of this request has ended; log in again.', {
    headers: { 'WWW-Authenticate': 'Bearer error="invalid_token"' },
  })
}
