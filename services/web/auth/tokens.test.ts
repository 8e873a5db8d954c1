import { afterEach, expect, jest, test } from '@jest/globals'
import { createTokens } from './tokens.ts'

const userId = '3a1c9d9e-2f52-4f43-9a8c-1a1de2a40e01'
const secret = 'a secret for tests alone: 0123456789'
const tokens = createTokens({ secret, ttlSeconds: 60 })
const refused = expect.objectContaining({
  code: 'auth.required',
  headers: { 'WWW-Authenticate': 'Bearer error="invalid_token"' },
})
const claimsOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())

afterEach(() => {
  jest.useRealTimers()
})

test('a token contains the id of its user and nothing else about them', () => {
  const { token, ...about } = tokens.issue(userId)
  expect(about).toEqual({ token_type: 'Bearer', expires_in: 60 })
  expect(tokens.verify(token).userId).toBe(userId)
  expect(Object.keys(claimsOf(token)).sort()).toEqual(['aud', 'exp', 'iat', 'iss', 'sub'])
})

test('a token is valid until it expires', () => {
  jest.useFakeTimers()
  const { token } = tokens.issue(userId)
  jest.advanceTimersByTime(59_000)
  expect(tokens.verify(token).userId).toBe(userId)
  jest.advanceTimersByTime(1_000)
  expect(() => tokens.verify(token)).toThrow(refused)
})

test('a token signed with another secret is refused', () => {
  const { token } = createTokens({ secret: `${secret}!`, ttlSeconds: 60 }).issue(userId)
  expect(() => tokens.verify(token)).toThrow(refused)
})

test('a token with any changed character is refused', () => {
  const { token } = tokens.issue(userId)
  const indexes = [...token].flatMap((letter, index) => (letter === '.' || index % 7 !== 0 ? [] : [index]))
  for (const index of indexes) {
    const letter = token[index] === 'A' ? 'B' : 'A'
    const changed = token.slice(0, index) + letter + token.slice(index + 1)
    expect(() => tokens.verify(changed)).toThrow(refused)
  }
})

test.each(['', '.', '..', 'a.b.c', 'null', '{}'])('%j is not a token', (text) => {
  expect(() => tokens.verify(text)).toThrow(refused)
})
