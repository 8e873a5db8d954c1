import type { Request } from 'express'
import { CutroomError } from '#shared/errors.ts'
import type { Accounts } from './accounts.ts'
import type { Tokens } from './tokens.ts'

/** Who is calling. */
export type Principal = { id: string }

// An account that was removed is noticed this much later; in return most requests ask no database.
const believedMs = 5_000
const mostRemembered = 10_000

/** Reads the caller from the Authorization header. Throws `auth.required`. */
export function createRequireUser(tokens: Tokens, accounts: Accounts, now = Date.now) {
  const believedUntil = new Map<string, number>()

  return async (req: Request): Promise<Principal> => {
    const userId = tokens.verify(bearerToken(req))
    if ((believedUntil.get(userId) ?? 0) > now()) return { id: userId }
    if (!(await accounts.find(userId))) throw accountGone()
    if (believedUntil.size >= mostRemembered) believedUntil.clear()
    believedUntil.set(userId, now() + believedMs)
    return { id: userId }
  }
}

/** The error for a token that is older than the end of its account. */
export const accountGone = () =>
  new CutroomError('auth.required', 'This account no longer exists.', {
    headers: { 'WWW-Authenticate': 'Bearer error="invalid_token"' },
  })

function bearerToken(req: Request): string {
  const [, token] = /^Bearer +([\w.-]{1,4096})$/i.exec(req.get('Authorization') ?? '') ?? []
  if (token) return token
  throw new CutroomError(
    'auth.required',
    'Send the token of POST /auth/login as: Authorization: Bearer <token>',
    {
      headers: { 'WWW-Authenticate': 'Bearer' },
    },
  )
}
