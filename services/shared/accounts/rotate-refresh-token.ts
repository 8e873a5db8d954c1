import type { Query } from '../database/database.ts'
import type { Origin } from './origin.ts'

/** SHA-256 of the two secrets in a refresh token: the one that all tokens of a session share, and its own. */
export type RefreshHashes = { family: Buffer; token: Buffer }

/**
 * What became of a refresh token. `reused` has ended the session. `replaced` means that it was used for the first time
 * a few seconds ago, which ends nothing.
 */
export type Rotation =
  | { kind: 'rotated'; userId: string; expiresAt: Date }
  | { kind: 'reused'; userId: string }
  | { kind: 'replaced' }
  | { kind: 'unknown' }

/** How long the refresh token before the current one is refused without ending the session. */
const REPLACED_GRACE = "interval '10 seconds'"

/** Exchanges the current refresh token of a session for another one, in statements of which at most one succeeds. */
export async function rotateRefreshToken(
  query: Query,
  id: string,
  { family, token }: RefreshHashes,
  next: Buffer,
  { address, userAgent }: Origin,
): Promise<Rotation> {
  const [rotated] = await query<{ userId: string; expiresAt: Date }>(
    `UPDATE sessions SET refresh_hash = $4, previous_refresh_hash = refresh_hash, rotated_at = now(),
       last_used_at = now(), address = $5, user_agent = $6
     WHERE id = $1 AND family_hash = $2 AND refresh_hash = $3 AND expires_at > now()
     RETURNING user_id AS "userId", expires_at AS "expiresAt"`,
    [id, family, token, next, address, userAgent],
  )
  if (rotated) return { kind: 'rotated', ...rotated }

  // Only a token of this session contains its family's secret, so whoever sends another one has a copy of an old token.
  const [replaced] = await query(
    `SELECT id FROM sessions WHERE id = $1 AND family_hash = $2
       AND previous_refresh_hash = $3 AND rotated_at > now() - ${REPLACED_GRACE}`,
    [id, family, token],
  )
  if (replaced) return { kind: 'replaced' }
  const [reused] = await query<{ userId: string }>(
    'DELETE FROM sessions WHERE id = $1 AND family_hash = $2 AND expires_at > now() RETURNING user_id AS "userId"',
    [id, family],
  )
  return reused ? { kind: 'reused', ...reused } : { kind: 'unknown' }
}
