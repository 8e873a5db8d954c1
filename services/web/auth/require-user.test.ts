import { expect, jest, test } from '@jest/globals'
import type { Request } from 'express'
import { createRequireUser } from './require-user.ts'

const bearing = (authorization?: string) => ({ get: () => authorization }) as unknown as Request
const ada = { id: 'ada', username: 'ada', email: 'ada@example.com', created_at: '' }

function open() {
  const clock = { now: 0, expiresAt: 1e9 }
  const find = jest.fn<(id: string) => Promise<typeof ada | undefined>>(async () => ada)
  const tokens = {
    verify: (token: string) => ({ userId: token, expiresAt: clock.expiresAt }),
    issue: () => undefined as never,
  }
  const accounts = { find, signUp: () => undefined as never, logIn: () => undefined as never }
  return { find, clock, requireUser: createRequireUser(tokens, accounts, () => clock.now) }
}

test('looks up an account once in five seconds', async () => {
  const { find, clock, requireUser } = open()
  for (const now of [0, 1, 4_999]) {
    clock.now = now
    expect(await requireUser(bearing('Bearer ada'))).toEqual({ id: 'ada' })
  }
  expect(find).toHaveBeenCalledTimes(1)
  clock.now = 5_000
  await requireUser(bearing('Bearer ada'))
  expect(find).toHaveBeenCalledTimes(2)
})

test('refuses the token of a deleted account once the cached check has expired', async () => {
  const { find, clock, requireUser } = open()
  await requireUser(bearing('Bearer ada'))
  find.mockResolvedValue(undefined)
  clock.now = 5_000
  for (let i = 0; i < 2; i++) {
    await expect(requireUser(bearing('Bearer ada'))).rejects.toMatchObject({ code: 'auth.required' })
  }
})

test('never caches a token beyond its expiry', async () => {
  const { find, clock, requireUser } = open()
  clock.expiresAt = 1_000
  await requireUser(bearing('Bearer ada'))
  clock.now = 1_000
  await requireUser(bearing('Bearer ada'))
  expect(find).toHaveBeenCalledTimes(2)
})

test.each([undefined, '', 'Bearer', 'Bearer  ', 'Basic YTpi', 'Bearer a b', `Bearer ${'a'.repeat(4_097)}`])(
  'requires a token when the header is %j',
  async (authorization) => {
    const { requireUser, find } = open()
    const refused = { code: 'auth.required', headers: { 'WWW-Authenticate': 'Bearer' } }
    await expect(requireUser(bearing(authorization))).rejects.toMatchObject(refused)
    expect(find).not.toHaveBeenCalled()
  },
)

test('accepts the scheme in any case', async () => {
  expect(await open().requireUser(bearing('bearer ada'))).toEqual({ id: 'ada' })
})
