import type { Database, Query } from '../database/database.ts'
import { endSessions } from './end-sessions.ts'
import type { Origin } from './origin.ts'
import { type RefreshHashes, type Rotation, rotateRefreshToken } from './rotate-refresh-token.ts'

export type SessionRow = {
  id: string
  createdAt: Date
  lastUsedAt: Date
  expiresAt: Date
  address: string | null
  userAgent: string | null
  refreshable: boolean
}

/** Access to sessions. All times are the database's. */
export type SessionRepository = {
  /**
   * Begins a session under an id chosen by the caller and returns when it expires. Removes the user's expired sessions,
   * and the least recently used ones above the limit. Undefined when the password has been changed since it was compared, or
   * the account deleted.
   */
  begin(session: NewSession): Promise<Date | undefined>
  /**
   * The user of a session and when it expires, which counts as its use. Undefined when it has ended, has expired or never
   * existed.
   */
  use(id: string): Promise<{ userId: string; expiresAt: Date } | undefined>
  /** Exchanges the current refresh token of a session for another one: at most one caller succeeds. */
  rotate(id: string, hashes: RefreshHashes, next: Buffer, origin: Origin): Promise<Rotation>
  /** The user's sessions, the most recently used first. */
  list(userId: string): Promise<SessionRow[]>
  /** Ends a session of this user. False when there is none with this id. */
  end(userId: string, id: string): Promise<boolean>
  /** Ends the user's sessions but one, or all, and returns how many. */
  endAll(userId: string, options?: { except?: string | undefined }): Promise<number>
}

export type NewSession = Origin & {
  id: string
  userId: string
  /** What was stored of the password when it was compared. */
  passwordHash: string
  lifetimeSeconds: number
  refresh: RefreshHashes | undefined
}

/** Bounds the rows of a program that logs in with every call. */
export const MAX_SESSIONS = 200

/** How exact the time of the last use is: a row is not written with every request. */
const USE_PRECISION = "interval '1 minute'"

export function sessionRepository({ query, transaction }: Database): SessionRepository {
  return {
    begin: (session) => transaction((run) => begin(run, session)),

    async use(id) {
      const [session] = await query<{ userId: string; expiresAt: Date; stale: boolean }>(
        // A login that raced with the deletion of its account began a session that is worth nothing.
        `SELECT user_id AS "userId", expires_at AS "expiresAt", last_used_at < now() - ${USE_PRECISION} AS stale
         FROM sessions JOIN users ON users.id = user_id AND deleted_at IS NULL
         WHERE sessions.id = $1 AND expires_at > now()`,
        [id],
        'session-use',
      )
      if (!session) return undefined
      if (session.stale) await query('UPDATE sessions SET last_used_at = now() WHERE id = $1', [id])
      return { userId: session.userId, expiresAt: session.expiresAt }
    },

    rotate: (id, hashes, next, origin) => rotateRefreshToken(query, id, hashes, next, origin),

    list: (userId) =>
      query<SessionRow>(
        `SELECT id, created_at AS "createdAt", last_used_at AS "lastUsedAt", expires_at AS "expiresAt", address,
           user_agent AS "userAgent", family_hash IS NOT NULL AS refreshable
         FROM sessions WHERE user_id = $1 AND expires_at > now() ORDER BY last_used_at DESC, id LIMIT $2`,
        [userId, MAX_SESSIONS],
      ),

    async end(userId, id) {
      const ended = await query('DELETE FROM sessions WHERE user_id = $1 AND id = $2 RETURNING id', [
        userId,
        id,
      ])
      return ended.length > 0
    },

    endAll: (userId, options) => endSessions(query, userId, options),
  }
}

async function begin(query: Query, session: NewSession): Promise<Date | undefined> {
  const { id, userId, passwordHash, lifetimeSeconds, refresh, address, userAgent } = session
  // Waits for a change of the password that is in progress, which ends all sessions but those that begin after it.
  const [user] = await query(
    'SELECT id FROM users WHERE id = $1 AND password_hash = $2 AND deleted_at IS NULL FOR SHARE',
    [userId, passwordHash],
  )
  if (!user) return undefined
  await query(
    `DELETE FROM sessions WHERE user_id = $1 AND (expires_at <= now() OR id IN (
       SELECT id FROM sessions WHERE user_id = $1 ORDER BY last_used_at DESC, id OFFSET $2))`,
    [userId, MAX_SESSIONS - 1],
  )
  const [begun] = await query<{ expiresAt: Date }>(
    `INSERT INTO sessions (id, user_id, expires_at, address, user_agent, family_hash, refresh_hash)
     VALUES ($1, $2, now() + $3 * interval '1 second', $4, $5, $6, $7) RETURNING expires_at AS "expiresAt"`,
    [id, userId, lifetimeSeconds, address, userAgent, refresh?.family ?? null, refresh?.token ?? null],
  )
  if (!begun) throw new Error('The session was not inserted.')
  return begun.expiresAt
}
