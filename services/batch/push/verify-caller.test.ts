import { describe, expect, test } from '@jest/globals'
import {
  type BatchRole,
  createCallerVerifier,
  type TokenClaims,
  type VerifyIdToken,
} from './verify-caller.ts'

const pusher = 'pusher@example.iam.gserviceaccount.com'
const scheduler = 'scheduler@example.iam.gserviceaccount.com'
const web = 'web@example.iam.gserviceaccount.com'
const serviceAccounts = { push: [pusher], sweep: [scheduler], dryRun: [web] }
const nobody = { push: [], sweep: [], dryRun: [] }
const audience = 'https://batch.example'
const noTokens: VerifyIdToken = async () => {
  throw new Error('no token should be verified')
}
/** Accepts every token as one with these claims. */
const withClaims = (claims: Partial<TokenClaims>): VerifyIdToken => {
  return async () => ({ email: pusher, emailVerified: true, ...claims })
}

describe('with a shared secret', () => {
  const verify = createCallerVerifier({ secret: 's3cret', serviceAccounts: nobody }, noTokens)

  test.each(['Bearer s3cret', 'bearer s3cret'])('accepts %s', async (header) => {
    await expect(verify({ authorization: header }, 'push')).resolves.toBeUndefined()
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
    await expect(verify({ authorization: header }, 'push')).rejects.toMatchObject({ code: 'auth.required' })
  })
})

test.each([undefined, ''])('a secret of %p matches no token', async (secret) => {
  const verify = createCallerVerifier({ secret, serviceAccounts }, noTokens)
  await expect(verify({ authorization: 'Bearer undefined' }, 'push')).rejects.toMatchObject({
    code: 'auth.required',
  })
})

describe('with an audience', () => {
  const callers = { audience, serviceAccounts }

  test('accepts a listed account', async () => {
    await expect(
      createCallerVerifier(callers, withClaims({}))({ authorization: 'Bearer t' }, 'push'),
    ).resolves.toBeUndefined()
  })

  test.each<[string, Partial<TokenClaims>]>([
    ['another account', { email: 'mallory@example.com' }],
    ['an account that ends like a listed one', { email: `x${pusher}` }],
    ['an account that begins like a listed one', { email: `${pusher}.example.com` }],
    ['a listed account whose e-mail is not verified', { emailVerified: false }],
    ['a token without an e-mail', { email: undefined }],
  ])('rejects %s', async (_, claims) => {
    const verify = createCallerVerifier(callers, withClaims(claims))
    await expect(verify({ authorization: 'Bearer t' }, 'push')).rejects.toMatchObject({
      code: 'auth.forbidden',
    })
  })

  test('rejects everybody when the list is empty', async () => {
    const verify = createCallerVerifier({ audience, serviceAccounts: nobody }, withClaims({}))
    await expect(verify({ authorization: 'Bearer t' }, 'push')).rejects.toMatchObject({
      code: 'auth.forbidden',
    })
  })

  test('verifies the token without its scheme, for exactly this audience', async () => {
    const verified: string[][] = []
    const verify = createCallerVerifier(callers, async (...args) => {
      verified.push(args)
      return { email: pusher, emailVerified: true }
    })
    await verify({ authorization: 'Bearer a.b.c' }, 'push')
    expect(verified).toEqual([['a.b.c', audience]])
  })
})

describe('each role has accounts of its own', () => {
  const accounts = [pusher, scheduler, web]
  test.each<[BatchRole, string]>([
    ['push', pusher],
    ['sweep', scheduler],
    ['dryRun', web],
  ])('%s', async (role, listed) => {
    for (const email of accounts) {
      const verify = createCallerVerifier({ audience, serviceAccounts }, withClaims({ email }))
      const verified = verify({ authorization: 'Bearer t' }, role)
      if (email === listed) await expect(verified).resolves.toBeUndefined()
      else await expect(verified).rejects.toMatchObject({ code: 'auth.forbidden' })
    }
  })
})

describe('a token in the query', () => {
  const queryToken = 's3cret'
  test('is accepted when it is the shared secret', async () => {
    const verify = createCallerVerifier({ secret: 's3cret', serviceAccounts }, noTokens)
    await expect(verify({ queryToken }, 'push')).resolves.toBeUndefined()
    await expect(verify({ queryToken: 'guess' }, 'push')).rejects.toMatchObject({ code: 'auth.required' })
  })

  test('is never verified as an OIDC token', async () => {
    for (const secret of [undefined, 'another']) {
      const verify = createCallerVerifier({ secret, audience, serviceAccounts }, noTokens)
      await expect(verify({ queryToken }, 'push')).rejects.toMatchObject({ code: 'auth.required' })
    }
  })
})

test('with both, accepts the secret and verifies anything else as a token', async () => {
  const verify = createCallerVerifier(
    { secret: 's3cret', audience, serviceAccounts },
    withClaims({ email: 'mallory@example.com' }),
  )
  await expect(verify({ authorization: 'Bearer s3cret' }, 'push')).resolves.toBeUndefined()
  await expect(verify({ authorization: 'Bearer wrong' }, 'push')).rejects.toMatchObject({
    code: 'auth.forbidden',
  })
})
