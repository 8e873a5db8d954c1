import type { Scope } from '#shared/contract/accounts/scopes.ts'

/** The authenticated caller of an operation: a user, by a session or by an API key. */
export type Principal = {
  /** The user's id. */
  id: string
  /** What the caller may do. */
  scopes: readonly Scope[]
  /** The session that the token belongs to; undefined for an API key. */
  sessionId?: string
  /** The API key; undefined for a token. */
  keyId?: string
  /** When the token or key expires, as Unix time in milliseconds; Infinity for a key that does not. */
  expiresAt: number
}
