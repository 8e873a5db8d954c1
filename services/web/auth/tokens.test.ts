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

test('a token names the user it was issued to, and nothing else of them', () => {
  const { token, ...about } = tokens.issue(userId)
  expect(about).toEqual({ token_type: 'Bearer', expires_in: 60 })
  expect(tokens.verify(token).userId).toBe(userId)
  expect(Object.keys(claimsOf(token)).sort()).toEqual(['aud', 'exp', 'iat', 'iss', 'sub'])
})

test('a token is good until it expires', () => {
  jest.useFakeTimers()
  const { token } = tokens.issue(userId)
  jest.advanceTimersByTime(59_000)
  expect(tokens.verify(token).userId).toBe(userId)
  jest.advanceTimersByTime(1_000)
  expect(() => tokens.verify(token)).toThrow(refused)
})

test('a token of another secret is refused', () => {
  const { token } = createTokens({ secret: `${secret}!`, ttlSeconds: 60 }).issue(userId)
  expect(() => tokens.verify(token)).toThrow(refused)
})

test('a token with a changed letter is refused, wherever it is', () => {
  const { token } = tokens.issue(userId)
  const places = [...token].flatMap((letter, place) => (letter === '.' || place % 7 !== 0 ? [] : [place]))
  for (const place of places) {
    const letter = token[place] === 'A' ? 'B' : 'A'
    const changed = token.slice(0, place) + letter + token.slice(place + 1)
    expect(() => tokens.verify(changed)).toThrow(refused)
  }
})

test.each(['', '.', '..', 'a.b.c', 'null', '{}'])('%j is no token', (text) => {
  expect(() => tokens.verify(text)).toThrow(refused)
})
