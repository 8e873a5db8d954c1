import { createHmac, createSecretKey, type KeyObject, randomUUID } from 'node:crypto'
import jwt from 'jsonwebtoken'
import { z } from 'zod'
import { MAX_TOKEN_SECONDS } from '#shared/config/settings.ts'
import { CutroomError } from '#shared/errors.ts'

const ALGORITHM = 'HS256' as const
const ISSUER = 'cutroom'
const AUDIENCE = 'cutroom-api'

/** How far ahead the clock of another instance may be. */
const CLOCK_SKEW_SECONDS = 60

const Claims = z.object({ sub: z.uuid(), sid: z.uuid(), jti: z.string(), iat: z.int(), exp: z.int() })

export type Tokens = {
  /** A signed token for a session. */
  issue(token: { userId: string; sessionId: string; lifetimeSeconds: number }): string
  /**
   * The user and session for which a token was issued, and when it expires (Unix time in milliseconds). Whether the
   * session still exists is the caller's to check.
   * @throws CutroomError `auth.required` for an expired token and for anything this service did not issue.
   */
  verify(token: string): { userId: string; sessionId: string; expiresAt: number }
}

/** Signs with the first secret and accepts each of them, so that a secret can be replaced without ending sessions. */
export function createTokens(secrets: readonly string[]): Tokens {
  const [newest, ...older] = secrets.map(signingKey)
  if (!newest) throw new Error('There is no secret to sign tokens with.')
  const keys = [newest, ...older]
  return {
    issue({ userId, sessionId, lifetimeSeconds }) {
      return jwt.sign({ sid: sessionId }, newest.key, {
        algorithm: ALGORITHM,
        keyid: newest.id,
        issuer: ISSUER,
        audience: AUDIENCE,
        subject: userId,
        jwtid: randomUUID(),
        expiresIn: lifetimeSeconds,
      })
    },
    verify(token) {
      try {
        const { sub, sid, exp } = checkClaims(verifySignature(token, keys))
        return { userId: sub, sessionId: sid, expiresAt: exp * 1000 }
      } catch (cause) {
        throw new CutroomError('auth.required', 'The token is invalid or has expired; log in again.', {
          cause,
          headers: { 'WWW-Authenticate': 'Bearer error="invalid_token"' },
        })
      }
    },
  }
}

type SigningKey = { id: string; key: KeyObject }

/** The id is derived from the secret, so that every instance gives it the same one. */
function signingKey(secret: string): SigningKey {
  const id = createHmac('sha256', secret).update('cutroom key id').digest('base64url').slice(0, 8)
  // A KeyObject: jsonwebtoken would try to parse a string as a public key on each call.
  return { id, key: createSecretKey(Buffer.from(secret)) }
}

/** The payload of a token that one of the keys has signed. `kid` only decides which is tried first. */
function verifySignature(token: string, keys: SigningKey[]) {
  const header = jwt.decode(token, { complete: true })?.header
  // No extension is supported, so none may be demanded: https://www.rfc-editor.org/rfc/rfc7515#section-4.1.11
  if (!header || 'crit' in header) throw new Error('The header is missing or has extensions.')
  const named = keys.filter(({ id }) => id === header.kid)
  const tried = named.length > 0 ? named : keys
  const options = { algorithms: [ALGORITHM], issuer: ISSUER, audience: AUDIENCE }
  let failure: unknown
  for (const { key } of tried) {
    try {
      return jwt.verify(token, key, options)
    } catch (error) {
      failure = error
    }
  }
  throw failure
}

function checkClaims(payload: unknown) {
  const claims = Claims.parse(payload)
  const { iat, exp } = claims
  if (iat > Date.now() / 1000 + CLOCK_SKEW_SECONDS) throw new Error('The token was issued in the future.')
  if (exp - iat > MAX_TOKEN_SECONDS) throw new Error('The token is valid for too long.')
  return claims
}
