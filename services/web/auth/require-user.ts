import type { Request } from 'express'
import { LRUCache } from 'lru-cache'
import type { SessionRepository } from '#shared/accounts/session-repository.ts'
import { SCOPES } from '#shared/contract/accounts/scopes.ts'
import { CutroomError } from '#shared/errors.ts'
import type { Principal } from '../http/principal.ts'
import { type ApiKeys, isApiKey } from './keys/api-keys.ts'
import { sessionEnded } from './session-ended.ts'
import type { Tokens } from './tokens.ts'

/** How long a verified token or key needs no query; that it was revoked is noticed this late. */
const CACHE_MS = 5_000
const MAX_CACHED_TOKENS = 10_000

export type RequireUser = (req: Request) => Promise<Principal>

export type RequireUserDeps = {
  tokens: Pick<Tokens, 'verify'>
  sessions: Pick<SessionRepository, 'use'>
  keys: Pick<ApiKeys, 'verify'>
}

/**
 * Identifies the caller by the token or API key in the Authorization header.
 * @throws CutroomError `auth.required` for a missing or invalid one, and for one that has expired or was revoked.
 */
export function createRequireUser(deps: RequireUserDeps, now = () => Date.now()): RequireUser {
  // Not the cache's own ttl: it counts on another clock than the token's expiry.
  const verified = new LRUCache<string, { principal: Principal; until: number }>({ max: MAX_CACHED_TOKENS })

  return async (req) => {
    const credential = bearerCredential(req)
    const cached = verified.get(credential)
    if (cached && cached.until > now()) return cached.principal

    verified.delete(credential)
    const principal = isApiKey(credential)
      ? await deps.keys.verify(credential)
      : await verifySession(credential, deps)
    verified.set(credential, { principal, until: Math.min(now() + CACHE_MS, principal.expiresAt) })
    return principal
  }
}

/**
 * Whether the caller of a request that was accepted earlier would be accepted now.
 * @throws CutroomError when that cannot be determined.
 */
export async function isStillAuthorized(requireUser: RequireUser, req: Request): Promise<boolean> {
  try {
    await requireUser(req)
    return true
  } catch (error) {
    if (error instanceof CutroomError && error.code === 'auth.required') return false
    throw error
  }
}

/** The caller with this token. The session is gone with its account, so that needs no query of its own. */
async function verifySession(token: string, { tokens, sessions }: RequireUserDeps): Promise<Principal> {
  const { userId, sessionId, expiresAt } = tokens.verify(token)
  const session = await sessions.use(sessionId)
  if (session?.userId !== userId) throw sessionEnded()
  return {
    id: userId,
    scopes: SCOPES,
    sessionId,
    expiresAt: Math.min(expiresAt, session.expiresAt.getTime()),
  }
}

function bearerCredential(req: Request): string {
  const [, credential] = /^Bearer +([\w.-]{1,4096})$/i.exec(req.get('Authorization') ?? '') ?? []
  if (credential) return credential
  throw new CutroomError(
    'auth.required',
    'Send the token that POST /auth/login returned, or an API key, in the header `Authorization: Bearer <token>`.',
    { headers: { 'WWW-Authenticate': 'Bearer' } },
  )
}
