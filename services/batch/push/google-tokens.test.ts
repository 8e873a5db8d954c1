import { createHmac, generateKeyPairSync, sign } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import { createGoogleTokens } from './google-tokens.ts'
import { createCallerVerifier } from './verify-caller.ts'

const pusher = 'pusher@example.iam.gserviceaccount.com'
const audience = 'https://batch.example'
const seconds = (fromNow: number) => Math.floor(Date.now() / 1000) + fromNow

const newKey = () =>
  generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
const googles = newKey()
const strangers = newKey()

const serviceAccounts = { push: [pusher], sweep: [], dryRun: [] }
const verifyCaller = createCallerVerifier(
  { audience, serviceAccounts },
  createGoogleTokens(async () => ({ k1: googles.publicKey })),
)
const verify = (authorization: string | undefined) => verifyCaller({ authorization }, 'push')

const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')
const goodHeader = { alg: 'RS256', kid: 'k1', typ: 'JWT' }
const goodClaims = () => ({
  iss: 'https://accounts.google.com',
  aud: audience,
  sub: '1',
  email: pusher,
  email_verified: true,
  iat: seconds(-10),
  exp: seconds(3590),
})

type Signer = (text: string) => string
const withKey =
  (key: string): Signer =>
  (text) =>
    sign('RSA-SHA256', Buffer.from(text), key).toString('base64url')

/** An Authorization header with a token that is valid except for the given claims, header fields or key. */
function bearer(claims: object = {}, header: object = {}, signer = withKey(googles.privateKey)): string {
  const signed = `${encode({ ...goodHeader, ...header })}.${encode({ ...goodClaims(), ...claims })}`
  return `Bearer ${signed}.${signer(signed)}`
}

test.each(['https://accounts.google.com', 'accounts.google.com'])(
  'accepts a token of %s for this audience and a listed account',
  async (iss) => {
    await expect(verify(bearer({ iss }))).resolves.toBeUndefined()
  },
)

describe('a valid token of another account is forbidden:', () => {
  test.each([
    ['another e-mail', { email: 'mallory@example.com' }],
    ['an unverified e-mail', { email_verified: false }],
    ['an e-mail verified only as a string', { email_verified: 'true' }],
    ['no e-mail', { email: undefined }],
  ])('%s', async (_, claims) => {
    await expect(verify(bearer(claims))).rejects.toMatchObject({ code: 'auth.forbidden' })
  })
})

describe('a token is refused', () => {
  test.each([
    ['for another audience', { aud: 'https://elsewhere.example' }],
    ['without an audience', { aud: undefined }],
    ['of another issuer', { iss: 'https://accounts.example' }],
    ['without an issuer', { iss: undefined }],
    ['that has expired', { iat: seconds(-7200), exp: seconds(-3600) }],
    ['without an expiry', { exp: undefined }],
    ['that lasts for years', { exp: seconds(10 * 365 * 86_400) }],
    ['from the future', { iat: seconds(3600), exp: seconds(7200) }],
  ])('%s', async (_, claims) => {
    await expect(verify(bearer(claims))).rejects.toMatchObject({ code: 'auth.required' })
  })

  test('signed with another key', async () => {
    const header = bearer({}, {}, withKey(strangers.privateKey))
    await expect(verify(header)).rejects.toMatchObject({ code: 'auth.required' })
  })

  test('that names an unknown key', async () => {
    await expect(verify(bearer({}, { kid: 'k2' }))).rejects.toMatchObject({ code: 'auth.required' })
  })

  test.each(['none', 'None', 'NONE'])('with alg %s and no signature', async (alg) => {
    const header = bearer({}, { alg }, () => '')
    await expect(verify(header)).rejects.toMatchObject({ code: 'auth.required' })
  })

  test.each(['HS256', 'HS512'])('with alg %s, keyed with the public key', async (alg) => {
    const hash = `sha${alg.slice(2)}`
    const header = bearer({}, { alg }, (text) =>
      createHmac(hash, googles.publicKey).update(text).digest('base64url'),
    )
    await expect(verify(header)).rejects.toMatchObject({ code: 'auth.required' })
  })

  test('whose claims were changed after signing', async () => {
    const [head, , signature] = bearer({ email: 'mallory@example.com' }).split('.')
    const header = `${head}.${encode(goodClaims())}.${signature}`
    await expect(verify(header)).rejects.toMatchObject({ code: 'auth.required' })
  })

  test.each([undefined, 'Bearer a', 'Bearer a.b.c', 'Bearer ..', 'Bearer bnVsbA.bnVsbA.'])(
    'that is not a token: %p',
    async (header) => {
      await expect(verify(header)).rejects.toMatchObject({ code: 'auth.required' })
    },
  )
})

test('the error does not contain the token, which may be valid elsewhere', async () => {
  const header = bearer({}, {}, withKey(strangers.privateKey))
  const error: Error = await verify(header).then(
    () => new Error('the token was accepted'),
    (thrown) => thrown,
  )
  expect(error.message).toBe('The push token is invalid: Invalid token signature.')
  expect(error.cause).toBeUndefined()
})

test('a token that cannot be verified now may be presented again', async () => {
  const offline = createGoogleTokens(async () => {
    throw new Error('getaddrinfo ENOTFOUND')
  })
  const verifyOffline = createCallerVerifier({ audience, serviceAccounts }, offline)
  await expect(verifyOffline({ authorization: bearer() }, 'push')).rejects.toMatchObject({
    code: 'auth.unavailable',
    retry: true,
  })
})
