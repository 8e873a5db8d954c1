import { createHash, timingSafeEqual } from 'node:crypto'
import { CutroomError } from '#shared/errors.ts'

/** The claims of a verified OIDC token that identify its holder. */
export type TokenClaims = { email?: string | undefined; emailVerified: boolean }

/**
 * Verifies an OIDC token's signature, issuer, audience and dates.
 *
 * @throws CutroomError `auth.required` when the token is invalid, `auth.unavailable` when it cannot be verified now
 */
export type VerifyIdToken = (token: string, audience: string) => Promise<TokenClaims>

/** Who may push. */
export type PushCallers = {
  /** Shared secret, which the local queue sends as its bearer token. */
  secret?: string | undefined
  /** Audience of OIDC tokens. If it is missing, no OIDC token is accepted. */
  audience?: string | undefined
  /** E-mail addresses of the service accounts that may push. */
  serviceAccounts: readonly string[]
}

/** Takes the Authorization header of a push, and resolves when its sender may push. */
export type PushVerifier = (authorization: string | undefined) => Promise<void>

/**
 * Creates the check of who may push: a holder of the shared secret, or a listed service account with an OIDC token.
 * A valid token is not enough, because anybody with a Google account can get one for this audience. The verifier
 * throws `auth.required` without a valid token, and `auth.forbidden` for the token of another account.
 */
export function createPushVerifier(callers: PushCallers, verifyIdToken: VerifyIdToken): PushVerifier {
  return async (authorization) => {
    const token = bearerToken(authorization)
    if (callers.secret && isSame(token, callers.secret)) return
    if (!callers.audience) {
      throw new CutroomError('auth.required', 'The bearer token of the push is not the shared secret.')
    }
    requireListedAccount(await verifyIdToken(token, callers.audience), callers.serviceAccounts)
  }
}

function bearerToken(authorization: string | undefined): string {
  const [, token] = /^Bearer +(\S+)$/i.exec(authorization ?? '') ?? []
  if (!token) throw new CutroomError('auth.required', 'The push has no bearer token.')
  return token
}

/** Compares digests, which have the same length, in constant time: the duration reveals nothing about the secret. */
function isSame(token: string, secret: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(token), digest(secret))
}

function requireListedAccount({ email, emailVerified }: TokenClaims, allowed: readonly string[]): void {
  if (email !== undefined && emailVerified && allowed.includes(email)) return
  const account = email ?? 'an account without an e-mail address'
  throw new CutroomError('auth.forbidden', `The push came from ${account}, which may not push.`)
}
