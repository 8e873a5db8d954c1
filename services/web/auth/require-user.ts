import type { Request } from 'express'
import { CutroomError } from '#shared/errors.ts'
import type { Accounts } from './accounts.ts'
import type { Tokens } from './tokens.ts'

/** Who is calling. */
export type Principal = { id: string }

// A token that was good is good for a moment: most requests then cost no signature check and no look-up. An
// account that was removed is noticed this much later.
const believedMs = 5_000
const mostRemembered = 10_000

/** Reads the caller from the Authorization header. Throws `auth.required`. */
export function createRequireUser(tokens: Tokens, accounts: Accounts, now = Date.now) {
  const believed = new Map<string, { userId: string; until: number }>()

  return async (req: Request): Promise<Principal> => {
    const token = bearerToken(req)
    const known = believed.get(token)
    if (known && known.until > now()) return { id: known.userId }

    believed.delete(token)
    const { userId, expiresAt } = tokens.verify(token)
    if (!(await accounts.find(userId))) throw accountGone()
    if (believed.size >= mostRemembered) believed.clear()
    believed.set(token, { userId, until: Math.min(now() + believedMs, expiresAt) })
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
