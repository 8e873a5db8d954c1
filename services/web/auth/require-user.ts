import type { Request } from 'express'
import { LRUCache } from 'lru-cache'
import { CutroomError } from '#shared/errors.ts'
import type { Principal } from '../http/principal.ts'
import { accountDeleted } from './account-deleted.ts'
import type { Accounts } from './accounts.ts'
import type { Tokens } from './tokens.ts'

/** How long a verified token needs neither a signature check nor a query; a deleted account is noticed this late. */
const CACHE_MS = 5_000
const MAX_CACHED_TOKENS = 10_000

export type RequireUser = (req: Request) => Promise<Principal>

/**
 * Identifies the caller by the bearer token of the Authorization header.
 * @throws CutroomError `auth.required` for a missing or invalid token, or one whose account no longer exists.
 */
export function createRequireUser(
  tokens: Pick<Tokens, 'verify'>,
  accounts: Pick<Accounts, 'find'>,
  now = Date.now,
): RequireUser {
  // Not the cache's own ttl: it counts on another clock than the token's expiry.
  const verified = new LRUCache<string, { userId: string; until: number }>({ max: MAX_CACHED_TOKENS })

  return async (req) => {
    const token = bearerToken(req)
    const cached = verified.get(token)
    if (cached && cached.until > now()) return { id: cached.userId }

    verified.delete(token)
    const { userId, expiresAt } = tokens.verify(token)
    if (!(await accounts.find(userId))) throw accountDeleted()
    verified.set(token, { userId, until: Math.min(now() + CACHE_MS, expiresAt) })
    return { id: userId }
  }
}

function bearerToken(req: Request): string {
  const [, token] = /^Bearer +([\w.-]{1,4096})$/i.exec(req.get('Authorization') ?? '') ?? []
  if (token) return token
  throw new CutroomError(
    'auth.required',
    'Send the token that POST /auth/login returned in the header `Authorization: Bearer <token>`.',
    { headers: { 'WWW-Authenticate': 'Bearer' } },
  )
}
