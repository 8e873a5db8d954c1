import { describe, expect, test } from '@jest/globals'
import { createPushVerifier, type TokenClaims, type VerifyIdToken } from './verify-push.ts'

const pusher = 'pusher@example.iam.gserviceaccount.com'
const audience = 'https://batch.example'
const noTokens: VerifyIdToken = async () => {
  throw new Error('no token was to be looked at')
}
/** A checker of tokens that finds every one right and held by the holder of these claims. */
const heldBy = (claims: Partial<TokenClaims>): VerifyIdToken => {
  return async () => ({ email: pusher, emailVerified: true, ...claims })
}

describe('with a shared secret', () => {
  const verify = createPushVerifier({ secret: 's3cret', serviceAccounts: [] }, noTokens)

  test.each(['Bearer s3cret', 'bearer s3cret'])('lets its holder in: %s', async (header) => {
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
  ])('refuses %p', async (header) => {
    await expect(verify(header)).rejects.toMatchObject({ code: 'auth.required' })
  })
})

test.each([undefined, ''])('a secret of %p is no secret: nothing matches it', async (secret) => {
  const verify = createPushVerifier({ secret, serviceAccounts: [pusher] }, noTokens)
  await expect(verify('Bearer undefined')).rejects.toMatchObject({ code: 'auth.required' })
})

describe('with an audience', () => {
  const callers = { audience, serviceAccounts: [pusher] }

  test('lets an account of the list in', async () => {
    await expect(createPushVerifier(callers, heldBy({}))('Bearer t')).resolves.toBeUndefined()
  })

  test.each<[string, Partial<TokenClaims>]>([
    ['another account', { email: 'mallory@example.com' }],
    ['an account that only ends like one of the list', { email: `x${pusher}` }],
    ['an account that only begins like one of the list', { email: `${pusher}.example.com` }],
    ['an account of the list whose e-mail is not verified', { emailVerified: false }],
    ['a token without an e-mail', { email: undefined }],
  ])('refuses %s', async (_, claims) => {
    const verify = createPushVerifier(callers, heldBy(claims))
    await expect(verify('Bearer t')).rejects.toMatchObject({ code: 'auth.forbidden' })
  })

  test('refuses everybody when the list is empty', async () => {
    const verify = createPushVerifier({ audience, serviceAccounts: [] }, heldBy({}))
    await expect(verify('Bearer t')).rejects.toMatchObject({ code: 'auth.forbidden' })
  })

  test('asks for exactly this audience, and the token without its scheme', async () => {
    const asked: string[][] = []
    const verify = createPushVerifier(callers, async (...question) => {
      asked.push(question)
      return { email: pusher, emailVerified: true }
    })
    await verify('Bearer a.b.c')
    expect(asked).toEqual([['a.b.c', audience]])
  })
})

test('with both, a holder of the secret gets in and a wrong secret is judged as a token', async () => {
  const verify = createPushVerifier(
    { secret: 's3cret', audience, serviceAccounts: [pusher] },
    heldBy({ email: 'mallory@example.com' }),
  )
  await expect(verify('Bearer s3cret')).resolves.toBeUndefined()
  await expect(verify('Bearer wrong')).rejects.toMatchObject({ code: 'auth.forbidden' })
})
