import { createSecretKey } from 'node:crypto'
import jwt from 'jsonwebtoken'
import { z } from 'zod'
import { CutroomError } from '#shared/errors.ts'

const algorithm = 'HS256'
const issuer = 'cutroom'
const audience = 'cutroom-api'
const Claims = z.object({ sub: z.uuid(), exp: z.number() })

export type Tokens = {
  issue(userId: string): { token: string; token_type: 'Bearer'; expires_in: number }
  /**
   * The user a token was issued to, and until when (ms since 1970). Throws `auth.required` for anything but a
   * valid token of ours.
   */
  verify(token: string): { userId: string; expiresAt: number }
}

export function createTokens({ secret, ttlSeconds }: { secret: string; ttlSeconds: number }): Tokens {
  // A key once made: given text, the library tries each time whether it is a public key.
  const key = createSecretKey(Buffer.from(secret))
  return {
    issue(userId) {
      const token = jwt.sign({}, key, {
        algorithm,
        issuer,
        audience,
        subject: userId,
        expiresIn: ttlSeconds,
      })
      return { token, token_type: 'Bearer', expires_in: ttlSeconds }
    },
    verify(token) {
      try {
        const payload = jwt.verify(token, key, { algorithms: [algorithm], issuer, audience })
        const { sub, exp } = Claims.parse(payload)
        return { userId: sub, expiresAt: exp * 1000 }
      } catch (cause) {
        throw new CutroomError('auth.required', 'The token is not valid or has expired; log in again.', {
          cause,
          headers: { 'WWW-Authenticate': 'Bearer error="invalid_token"' },
        })
      }
    },
  }
}
