import { describe, expect, test } from '@jest/globals'
import { createPushVerifier, type TokenClaims, type VerifyIdToken } from './verify-push.ts'

const pusher = 'pusher@example.iam.gserviceaccount.com'
const audience = 'https://batch.example'
const noTokens: VerifyIdToken = async () => {
  throw new Error('no token should be verified')
}
/** Accepts every token as one with these claims. */
const withClaims = (claims: Partial<TokenClaims>): VerifyIdToken => {
  return async () => ({ email: pusher, emailVerified: true, ...claims })
}

describe('with a shared secret', () => {
  const verify = createPushVerifier({ secret: 's3cret', serviceAccounts: [] }, noTokens)

  test.each(['Bearer s3cret', 'bearer s3cret'])('accepts %s', async (header) => {
    await expect(verify(header)).resolves.toBeUndefined()
  })

  test.each([
    undefined,
    '',
    'Bearer',
    'Bearer ',
    's3cret',
    'Basic s3cret',
    'Bearer s3cre',
    'Bearer s3cret s3cret',
  ])('rejects %p', async (header) => {
    await expect(verify(header)).rejects.toMatchObject({ code: 'auth.required' })
  })
})

test.each([undefined, ''])('a secret of %p matches no token', async (secret) => {
  const verify = createPushVerifier({ secret, serviceAccounts: [pusher] }, noTokens)
  await expect(verify('Bearer undefined')).rejects.toMatchObject({ code: 'auth.required' })
})

describe('with an audience', () => {
  const callers = { audience, serviceAccounts: [pusher] }

  test('accepts a listed account', async () => {
    await expect(createPushVerifier(callers, withClaims({}))('Bearer t')).resolves.toBeUndefined()
  })

  test.each<[string, Partial<TokenClaims>]>([
    ['another account', { email: 'mallory@example.com' }],
    ['an account that ends like a listed one', { email: `x${pusher}` }],
    ['an account that begins like a listed one', { email: `${pusher}.example.com` }],
    ['a listed account whose e-mail is not verified', { emailVerified: false }],
    ['a token without an e-mail', { email: undefined }],
  ])('rejects %s', async (_, claims) => {
    const verify = createPushVerifier(callers, withClaims(claims))
    await expect(verify('Bearer t')).rejects.toMatchObject({ code: 'auth.forbidden' })
  })

  test('rejects everybody when the list is empty', async () => {
    const verify = createPushVerifier({ audience, serviceAccounts: [] }, withClaims({}))
    await expect(verify('Bearer t')).rejects.toMatchObject({ code: 'auth.forbidden' })
  })

  test('verifies the token without its scheme, for exactly this audience', async () => {
    const verified: string[][] = []
    const verify = createPushVerifier(callers, async (...args) => {
      verified.push(args)
      return { email: pusher, emailVerified: true }
    })
    await verify('Bearer a.b.c')
    expect(verified).toEqual([['a.b.c', audience]])
  })
})

test('with both, accepts the secret and verifies anything else as a token', async () => {
  const verify = createPushVerifier(
    { secret: 's3cret', audience, serviceAccounts: [pusher] },
    withClaims({ email: 'mallory@example.com' }),
  )
  await expect(verify('Bearer s3cret')).resolves.toBeUndefined()
  await expect(verify('Bearer wrong')).rejects.toMatchObject({ code: 'auth.forbidden' })
})
