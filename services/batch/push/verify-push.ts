import { createHash, timingSafeEqual } from 'node:crypto'
import { CutroomError } from '#shared/errors.ts'

/** What a token says of its holder, once signature, issuer, audience and dates have been found right. */
export type TokenClaims = { email?: string | undefined; emailVerified: boolean }

/**
 * Checks an OIDC token's signature, issuer, audience and dates. Throws `auth.required` for a token that is not
 * right, `auth.unavailable` when it cannot be told now.
 */
export type VerifyIdToken = (token: string, audience: string) => Promise<TokenClaims>

export type PushCallers = {
  /** What the local queue shows. */
  secret?: string | undefined
  /** The audience of OIDC tokens; left out, no such token is taken. */
  audience?: string | undefined
  /** E-mails of the accounts that may push. */
  serviceAccounts: readonly string[]
}

/** Takes the Authorization header of a push; resolves when its sender may push. */
export type PushVerifier = (authorization: string | undefined) => Promise<void>

/**
 * Decides who may push: a holder of the shared secret, or one of the service accounts with an OIDC token. The
 * account counts and not the token alone, since anybody with a Google account can get one for this audience.
 * Throws `auth.required` without a good token, `auth.forbidden` for the token of somebody else.
 */
export function createPushVerifier(callers: PushCallers, verifyIdToken: VerifyIdToken): PushVerifier {
  return async (authorization) => {
    const token = bearerToken(authorization)
    if (callers.secret && isSame(token, callers.secret)) return
    if (!callers.audience) throw new CutroomError('auth.required', 'The push did not show the shared secret.')
    demandCaller(await verifyIdToken(token, callers.audience), callers.serviceAccounts)
  }
}

function bearerToken(authorization: string | undefined): string {
  const [, token] = /^Bearer +(\S+)$/i.exec(authorization ?? '') ?? []
  if (!token) throw new CutroomError('auth.required', 'The push came without a bearer token.')
  return token
}

/** Compares digests, which have one length, so that the time taken tells nothing of the secret. */
function isSame(shown: string, secret: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(shown), digest(secret))
}

function demandCaller({ email, emailVerified }: TokenClaims, allowed: readonly string[]): void {
  if (email !== undefined && emailVerified && allowed.includes(email)) return
  throw new CutroomError('auth.forbidden', `The push came from ${email ?? 'nobody'}, who may not push.`)
}
