import { expect, jest, test } from '@jest/globals'
import type { Request } from 'express'
import { SCOPES } from '#shared/contract/accounts/scopes.ts'
import { CutroomError } from '#shared/errors.ts'
import { createRequireUser, isStillAuthorized } from './require-user.ts'

const bearing = (authorization?: string) => ({ get: () => authorization }) as unknown as Request

/** A service where the token `ada` belongs to a session of Ada, and the key `ck_ada` to her. */
function open() {
  const clock = { now: 0, expiresAt: 1e9 }
  const session = () => ({ userId: 'ada', expiresAt: new Date(2e9) })
  const use = jest.fn<(id: string) => Promise<ReturnType<typeof session> | undefined>>(async () => session())
  const verifyKey = jest.fn(async () => ({
    id: 'ada',
    scopes: ['account' as const],
    keyId: 'k',
    expiresAt: 1e9,
  }))
  const tokens = {
    verify: (token: string) => ({ userId: token, sessionId: 's', expiresAt: clock.expiresAt }),
  }
  const requireUser = createRequireUser(
    { tokens, sessions: { use }, keys: { verify: verifyKey } },
    () => clock.now,
  )
  return { use, verifyKey, clock, requireUser }
}

test('a token stands for its user with every scope, until it expires', async () => {
  const ada = { id: 'ada', scopes: SCOPES, sessionId: 's', expiresAt: 1e9 }
  expect(await open().requireUser(bearing('Bearer ada'))).toEqual(ada)
})

test('a token expires with its session', async () => {
  const { clock, requireUser } = open()
  clock.expiresAt = 3e9
  expect(await requireUser(bearing('Bearer ada'))).toMatchObject({ expiresAt: 2e9 })
})

test('an API key stands for its user with its own scopes', async () => {
  const { use, requireUser } = open()
  expect(await requireUser(bearing('Bearer ck_ada'))).toEqual({
    id: 'ada',
    scopes: ['account'],
    keyId: 'k',
    expiresAt: 1e9,
  })
  expect(use).not.toHaveBeenCalled()
})

test.each(['ada', 'ck_ada'])('asks for the session or key of %s once in five seconds', async (credential) => {
  const { use, verifyKey, clock, requireUser } = open()
  const queries = () => use.mock.calls.length + verifyKey.mock.calls.length
  for (const now of [0, 1, 4_999]) {
    clock.now = now
    expect(await requireUser(bearing(`Bearer ${credential}`))).toMatchObject({ id: 'ada' })
  }
  expect(queries()).toBe(1)
  clock.now = 5_000
  await requireUser(bearing(`Bearer ${credential}`))
  expect(queries()).toBe(2)
})

test('refuses the token of a session that has ended once the cached check has expired', async () => {
  const { use, clock, requireUser } = open()
  await requireUser(bearing('Bearer ada'))
  use.mockResolvedValue(undefined)
  clock.now = 5_000
  for (let i = 0; i < 2; i++) {
    await expect(requireUser(bearing('Bearer ada'))).rejects.toMatchObject({ code: 'auth.required' })
  }
})

test("refuses a token that names another user's session", async () => {
  await expect(open().requireUser(bearing('Bearer bob'))).rejects.toMatchObject({ code: 'auth.required' })
})

test('never caches a token beyond its expiry', async () => {
  const { use, clock, requireUser } = open()
  clock.expiresAt = 1_000
  await requireUser(bearing('Bearer ada'))
  clock.now = 1_000
  await requireUser(bearing('Bearer ada'))
  expect(use).toHaveBeenCalledTimes(2)
})

test.each([undefined, '', 'Bearer', 'Bearer  ', 'Basic YTpi', 'Bearer a b', `Bearer ${'a'.repeat(4_097)}`])(
  'requires a token when the header is %j',
  async (authorization) => {
    const { requireUser, use } = open()
    const refused = { code: 'auth.required', headers: { 'WWW-Authenticate': 'Bearer' } }
    await expect(requireUser(bearing(authorization))).rejects.toMatchObject(refused)
    expect(use).not.toHaveBeenCalled()
  },
)

test('accepts the scheme in any case', async () => {
  expect(await open().requireUser(bearing('bearer ada'))).toMatchObject({ id: 'ada' })
})

test('an earlier caller is no longer authorized when refused; a failed check is no answer', async () => {
  const fail = (code: 'auth.required' | 'database.unavailable') => () =>
    Promise.reject(new CutroomError(code, 'for this test'))
  const { requireUser } = open()
  expect(await isStillAuthorized(requireUser, bearing('Bearer ada'))).toBe(true)
  expect(await isStillAuthorized(fail('auth.required'), bearing())).toBe(false)
  await expect(isStillAuthorized(fail('database.unavailable'), bearing())).rejects.toThrow('for this test')
})
