import { generateKeyPairSync, randomUUID, sign } from 'node:crypto'

export type Claims = Record<string, unknown>

/** Tokens as Google signs them for pushes, and the certificates they are checked with: key id → PEM. */
export type TokenIssuer = {
  /** A token; `differences` replace claims of a good one, undefined leaves one out. */
  token(differences?: Claims): string
  certificates(): Record<string, string>
}

const LIFETIME_S = 3600

/** An issuer with a key pair of its own. `email` is the service account that pushes. */
export function createTokenIssuer({ email, audience }: { email: string; audience: string }): TokenIssuer {
  const keyId = randomUUID()
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  return {
    token(differences = {}) {
      const now = Math.floor(Date.now() / 1000)
      const claims = {
        iss: 'https://accounts.google.com',
        aud: audience,
        sub: '1',
        email,
        email_verified: true,
        iat: now,
        exp: now + LIFETIME_S,
        ...differences,
      }
      const signed = `${encode({ alg: 'RS256', kid: keyId, typ: 'JWT' })}.${encode(claims)}`
      return `${signed}.${sign('RSA-SHA256', Buffer.from(signed), privateKey).toString('base64url')}`
    },
    certificates: () => ({ [keyId]: publicKey }),
  }
}

const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')
