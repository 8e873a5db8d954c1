import jwt from 'jsonwebtoken'
import { z } from 'zod'
import { CutroomError } from '#shared/errors.ts'

const algorithm = 'HS256'
const issuer = 'cutroom'
const audience = 'cutroom-api'
const Claims = z.object({ sub: z.uuid() })

export type Tokens = {
  issue(userId: string): { token: string; token_type: 'Bearer'; expires_in: number }
  /** The user a token was issued to. Throws `auth.required` for anything but a valid token of ours. */
  verify(token: string): string
}

export function createTokens({ secret, ttlSeconds }: { secret: string; ttlSeconds: number }): Tokens {
  return {
    issue(userId) {
      const token = jwt.sign({}, secret, {
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
        const payload = jwt.verify(token, secret, { algorithms: [algorithm], issuer, audience })
        return Claims.parse(payload).sub
      } catch (cause) {
        throw new CutroomError('auth.required', 'The token is not valid or has expired; log in again.', {
          cause,
          headers: { 'WWW-Authenticate': 'Bearer error="invalid_token"' },
        })
      }
    },
  }
}
