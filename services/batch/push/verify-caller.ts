import { CutroomError } from '#shared/errors.ts'
import { bearerToken, isSameSecret } from '#shared/http/bearer-token.ts'

/** The claims of a verified OIDC token that identify its holder. */
export type TokenClaims = { email?: string | undefined; emailVerified: boolean }

/**
 * Verifies an OIDC token's signature, issuer, audience and dates.
 *
 * @throws CutroomError `auth.required` when the token is invalid, `auth.unavailable` when it cannot be verified now
 */
export type VerifyIdToken = (token: string, audience: string) => Promise<TokenClaims>

/** What a caller of batch may do: push jobs and dead letters, sweep, or ask for dry runs. */
export type BatchRole = 'push' | 'sweep' | 'dryRun'

/** Who may call batch. */
export type BatchCallers = {
  /** Shared secret, which the local queue and web send as their bearer token. */
  secret?: string | undefined
  /** Audience of OIDC tokens. If it is missing, no OIDC token is accepted. */
  audience?: string | undefined
  /** E-mail addresses of the service accounts in each role. */
  serviceAccounts: Record<BatchRole, readonly string[]>
}

/** What a request presents: its Authorization header, and the parameter `token` of its query. */
export type Credentials = { authorization?: string | undefined; queryToken?: string | undefined }

/** Resolves when the sender of a request may act in a role. */
export type CallerVerifier = (credentials: Credentials, role: BatchRole) => Promise<void>

/**
 * Creates the check of who may call batch: a holder of the shared secret in every role, or a service account that is
 * listed for the role, with an OIDC token. A valid token is not enough, because anybody with a Google account can get one
 * for this audience. The verifier throws `auth.required` without a valid token, and `auth.forbidden` for the token of
 * another account.
 *
 * The Pub/Sub emulator sends no Authorization header but keeps a query, so the shared secret may be part of the push URL. An
 * OIDC token may not: it would end up in access logs.
 */
export function createCallerVerifier(callers: BatchCallers, verifyIdToken: VerifyIdToken): CallerVerifier {
  return async ({ authorization, queryToken }, role) => {
    const token = bearerToken(authorization)
    if (callers.secret) {
      const given = token ?? queryToken
      if (given && isSameSecret(given, callers.secret)) return
    }
    if (!token) throw new CutroomError('auth.required', 'The request has no bearer token.')
    if (!callers.audience) {
      throw new CutroomError('auth.required', 'The bearer token of the request is not the shared secret.')
    }
    const claims = await verifyIdToken(token, callers.audience)
    requireListedAccount(claims, callers.serviceAccounts[role], role)
  }
}

function requireListedAccount(
  { email, emailVerified }: TokenClaims,
  allowed: readonly string[],
  role: BatchRole,
): void {
  if (email !== undefined && emailVerified && allowed.includes(email)) return
  const account = email ?? 'an account without an e-mail address'
  throw new CutroomError(
    'auth.forbidden',
    `The request came from ${account}, which may not ${PERMISSIONS[role]}.`,
  )
}

const PERMISSIONS: Record<BatchRole, string> = {
  push: 'push jobs',
  sweep: 'start sweeps',
  dryRun: 'ask for dry runs',
}
