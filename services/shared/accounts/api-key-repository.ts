import type { Scope } from '../contract/accounts/scopes.ts'
import type { Database } from '../database/database.ts'
import { type Credential, requireCredential } from './require-credential.ts'

export type ApiKeyRow = {
  id: string
  name: string
  prefix: string
  scopes: Scope[]
  createdAt: Date
  lastUsedAt: Date | null
  expiresAt: Date | null
}

export type NewApiKeyRow = {
  userId: string
  /** What the caller was identified by. */
  caller: Omit<Credential, 'userId'>
  name: string
  prefix: string
  hash: Buffer
  scopes: readonly Scope[]
  /** The key expires after this time, but never after `notAfter`; both may be absent. */
  expiresInSeconds: number | undefined
  notAfter: Date | undefined
}

/** Whom a key acts for. */
export type KeyHolder = { id: string; userId: string; scopes: Scope[]; expiresAt: Date | null }

/** Access to API keys. All times are the database's; keys that have expired do not exist. */
export type ApiKeyRepository = {
  /**
   * Undefined when the user has MAX_KEYS keys.
   * @throws CutroomError `auth.required` when the caller's credential no longer exists.
   */
  create(key: NewApiKeyRow): Promise<ApiKeyRow | undefined>
  /** The key with this hash, which counts as its use. */
  use(hash: Buffer): Promise<KeyHolder | undefined>
  /** The user's keys, the newest first. */
  list(userId: string): Promise<ApiKeyRow[]>
  /** Deletes a key of this user and returns it. Undefined when there is none with this id. */
  revoke(userId: string, id: string): Promise<ApiKeyRow | undefined>
}

export const MAX_KEYS = 50

const COLUMNS = `id, name, prefix, scopes, created_at AS "createdAt", last_used_at AS "lastUsedAt",
  expires_at AS "expiresAt"`
const ALIVE = '(expires_at IS NULL OR expires_at > now())'

/** How exact the time of the last use is: a row is not written with every request. */
const USE_PRECISION = "interval '1 minute'"

export function apiKeyRepository({ query, transaction }: Database): ApiKeyRepository {
  return {
    create: (key) =>
      transaction(async (run) => {
        // Locks the user, so that two creates cannot both take the last free number.
        await requireCredential(run, { ...key.caller, userId: key.userId })
        const [row] = await run<ApiKeyRow>(
          // least() ignores null: https://www.postgresql.org/docs/current/functions-conditional.html
          `INSERT INTO api_keys (user_id, name, prefix, key_hash, scopes, expires_at)
           SELECT $1, $2, $3, $4, $5, least(now() + $6 * interval '1 second', $7)
           WHERE (SELECT count(*) FROM api_keys WHERE user_id = $1 AND ${ALIVE}) < $8
           RETURNING ${COLUMNS}`,
          [
            key.userId,
            key.name,
            key.prefix,
            key.hash,
            key.scopes,
            key.expiresInSeconds ?? null,
            key.notAfter ?? null,
            MAX_KEYS,
          ],
        )
        return row
      }),

    async use(hash) {
      const [key] = await query<KeyHolder & { stale: boolean }>(
        `SELECT api_keys.id, user_id AS "userId", scopes, expires_at AS "expiresAt",
           coalesce(last_used_at < now() - ${USE_PRECISION}, true) AS stale
         FROM api_keys JOIN users ON users.id = user_id AND deleted_at IS NULL WHERE key_hash = $1 AND ${ALIVE}`,
        [hash],
        'api-key-use',
      )
      if (!key) return undefined
      const { stale, ...holder } = key
      if (stale) await query('UPDATE api_keys SET last_used_at = now() WHERE id = $1', [key.id])
      return holder
    },

    list: (userId) =>
      query<ApiKeyRow>(
        `SELECT ${COLUMNS} FROM api_keys WHERE user_id = $1 AND ${ALIVE} ORDER BY created_at DESC, id LIMIT $2`,
        [userId, MAX_KEYS],
      ),

    async revoke(userId, id) {
      const [revoked] = await query<ApiKeyRow>(
        `DELETE FROM api_keys WHERE user_id = $1 AND id = $2 AND ${ALIVE} RETURNING ${COLUMNS}`,
        [userId, id],
      )
      return revoked
    },
  }
}
