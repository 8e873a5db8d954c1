import { createSecretKey } from 'node:crypto'
import jwt from 'jsonwebtoken'
import { z } from 'zod'
import type { Token } from '#shared/contract/auth.ts'
import { CutroomError } from '#shared/errors.ts'

const ALGORITHM = 'HS256' as const
const ISSUER = 'cutroom'
const AUDIENCE = 'cutroom-api'
const Claims = z.object({ sub: z.uuid(), exp: z.number() })

export type Tokens = {
  issue(userId: string): Token
  /**
   * The user to whom a token was issued, and when it expires (Unix time in milliseconds).
   * @throws CutroomError `auth.required` for an expired token and for anything this service did not issue.
   */
  verify(token: string): { userId: string; expiresAt: number }
}

export function createTokens({ secret, ttlSeconds }: { secret: string; ttlSeconds: number }): Tokens {
  // A KeyObject: jsonwebtoken would try to parse a string as a public key on each call.
  const key = createSecretKey(Buffer.from(secret))
  return {
    issue(userId) {
      const token = jwt.sign({}, key, {
        algorithm: ALGORITHM,
        issuer: ISSUER,
        audience: AUDIENCE,
        subject: userId,
        expiresIn: ttlSeconds,
      })
      return { token, token_type: 'Bearer', expires_in: ttlSeconds }
    },
    verify(token) {
      try {
        const options = { algorithms: [ALGORITHM], issuer: ISSUER, audience: AUDIENCE }
        const { sub, exp } = Claims.parse(jwt.verify(token, key, options))
        return { userId: sub, expiresAt: exp * 1000 }
      } catch (cause) {
        throw new CutroomError('auth.required', 'The token is invalid or has expired; log in again.', {
          cause,
          headers: { 'WWW-Authenticate': 'Bearer error="invalid_token"' },
        })
      }
    },
  }
}
