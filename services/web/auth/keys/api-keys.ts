import { createHash, randomBytes } from 'node:crypto'
import { type ApiKeyRepository, type ApiKeyRow, MAX_KEYS } from '#shared/accounts/api-key-repository.ts'
import type { CreateApiKey } from '#shared/contract/accounts/api-keys.ts'
import { CutroomError } from '#shared/errors.ts'
import type { Principal } from '../../http/principal.ts'
import { requireScope } from '../../http/require-scope.ts'

const PREFIX = 'ck_'
/** 256 bits: too many to guess, so that plain SHA-256 is enough to store them. */
const KEY_BYTES = 32
/** Characters by which an owner recognises a key. They reveal 24 of its bits. */
const SHOWN_CHARACTERS = PREFIX.length + 4

export type ApiKeys = {
  /**
   * Creates a key with scopes that the caller has, and no longer lifetime than the caller's own key.
   * @throws CutroomError `auth.scope_missing`, `key.too_many`, or `auth.required` when the caller's credential has just ended.
   */
  create(caller: Principal, request: CreateApiKey): Promise<{ row: ApiKeyRow; key: string }>
  /**
   * Whom a key acts for.
   * @throws CutroomError `auth.required` when there is no such key, or it was revoked or has expired.
   */
  verify(key: string): Promise<Principal>
}

/** Whether a bearer credential is an API key; a JWT starts with the encoding of `{`. */
export const isApiKey = (credential: string): boolean => credential.startsWith(PREFIX)

export function createApiKeys(repository: Pick<ApiKeyRepository, 'create' | 'use'>): ApiKeys {
  return {
    async create(caller, { name, scopes, expires_in }) {
      for (const scope of scopes) requireScope(caller, scope)
      const key = PREFIX + randomBytes(KEY_BYTES).toString('base64url')
      const row = await repository.create({
        userId: caller.id,
        caller: { sessionId: caller.sessionId, keyId: caller.keyId },
        name,
        prefix: key.slice(0, SHOWN_CHARACTERS),
        hash: sha256(key),
        scopes,
        expiresInSeconds: expires_in,
        notAfter: caller.keyId && Number.isFinite(caller.expiresAt) ? new Date(caller.expiresAt) : undefined,
      })
      if (!row) throw tooManyKeys()
      return { row, key }
    },

    async verify(key) {
      const holder = await repository.use(sha256(key))
      if (!holder) throw unknownKey()
      const { id, userId, scopes, expiresAt } = holder
      return { id: userId, scopes, keyId: id, expiresAt: expiresAt?.getTime() ?? Number.POSITIVE_INFINITY }
    },
  }
}

const sha256 = (text: string) => createHash('sha256').update(text).digest()

const tooManyKeys = () =>
  new CutroomError(
    'key.too_many',
    `This account has ${MAX_KEYS} API keys, which is the limit. Revoke one that is no longer used.`,
  )

const unknownKey = () =>
  new CutroomError('auth.required', 'The API key is invalid, has expired or was revoked.', {
    headers: { 'WWW-Authenticate': 'Bearer error="invalid_token"' },
  })
