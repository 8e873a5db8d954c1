import { createHash, randomBytes } from 'node:crypto'
import type { RefreshHashes } from '#shared/accounts/rotate-refresh-token.ts'

/**
 * A refresh token is `cr_<session id>.<secret of the session>.<secret of the token>`. The first secret proves that a
 * token was issued for the session, so that a token whose second secret is no longer the current one is known to be used
 * again; without it, anybody who knows an id could end a session. Only hashes are stored; the secrets have 128 bits, so
 * plain SHA-256 is enough.
 */
export type RefreshToken = { sessionId: string; family: string; secret: string }

const SECRET_BYTES = 16
const FORMAT = /^cr_([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.([\w-]{22})\.([\w-]{22})$/

const newSecret = () => randomBytes(SECRET_BYTES).toString('base64url')
const sha256 = (text: string) => createHash('sha256').update(text).digest()

/** The first refresh token of a session. */
export const firstRefreshToken = (sessionId: string): RefreshToken => ({
  sessionId,
  family: newSecret(),
  secret: newSecret(),
})

/** The token that replaces one. */
export const nextRefreshToken = (token: RefreshToken): RefreshToken => ({ ...token, secret: newSecret() })

export const formatRefreshToken = ({ sessionId, family, secret }: RefreshToken): string =>
  `cr_${sessionId}.${family}.${secret}`

/** Undefined for anything that is not a refresh token. */
export function parseRefreshToken(text: string): RefreshToken | undefined {
  const [, sessionId, family, secret] = FORMAT.exec(text) ?? []
  return sessionId && family && secret ? { sessionId, family, secret } : undefined
}

/** What is stored of a token. */
export const hashesOf = ({ family, secret }: RefreshToken): RefreshHashes => ({
  family: sha256(family),
  token: sha256(secret),
})
