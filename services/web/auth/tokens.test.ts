import { createHmac } from 'node:crypto'
import { afterEach, expect, jest, test } from '@jest/globals'
import { createTokens } from './tokens.ts'

const userId = '3a1c9d9e-2f52-4f43-9a8c-1a1de2a40e01'
const sessionId = '5b0c7a39-0e64-4a5e-8d43-0c7c5c1a9f02'
const secret = 'a secret for tests alone: 0123456789'
const newSecret = 'another secret for tests: 9876543210'
const tokens = createTokens([secret])
const issue = (by = tokens) => by.issue({ userId, sessionId, lifetimeSeconds: 60 })
const refused = expect.objectContaining({
  code: 'auth.required',
  headers: { 'WWW-Authenticate': 'Bearer error="invalid_token"' },
})
const partOf = (token: string, index: number) =>
  JSON.parse(Buffer.from(token.split('.')[index] ?? '', 'base64url').toString())

afterEach(() => {
  jest.useRealTimers()
})

test('a token contains the ids of its user and session, and nothing else about them', () => {
  const token = issue()
  expect(tokens.verify(token)).toMatchObject({ userId, sessionId })
  expect(Object.keys(partOf(token, 1)).sort()).toEqual(['aud', 'exp', 'iat', 'iss', 'jti', 'sid', 'sub'])
})

test('no two tokens have the same id', () => {
  expect(partOf(issue(), 1).jti).not.toBe(partOf(issue(), 1).jti)
})

test('a token is valid until it expires', () => {
  jest.useFakeTimers()
  const token = issue()
  jest.advanceTimersByTime(59_000)
  expect(tokens.verify(token).userId).toBe(userId)
  jest.advanceTimersByTime(1_000)
  expect(() => tokens.verify(token)).toThrow(refused)
})

test('a token signed with another secret is refused', () => {
  expect(() => tokens.verify(issue(createTokens([newSecret])))).toThrow(refused)
})

test('a secret can be replaced: both are accepted, the first one signs, and the old one goes', () => {
  const during = createTokens([newSecret, secret])
  const after = createTokens([newSecret])
  expect(during.verify(issue(tokens)).userId).toBe(userId)
  expect(after.verify(issue(during)).userId).toBe(userId)
  expect(() => after.verify(issue(tokens))).toThrow(refused)
})

test('the header names the key, not the secret', () => {
  const { kid } = partOf(issue(), 0)
  expect(kid).toMatch(/^[\w-]{8}$/)
  expect(partOf(issue(createTokens([newSecret])), 0).kid).not.toBe(kid)
  expect(secret).not.toContain(kid)
})

test('a token without the name of its key is verified with each of them', () => {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')
  const signed = `${encode({ alg: 'HS256' })}.${issue().split('.')[1]}`
  const token = `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`
  expect(createTokens([newSecret, secret]).verify(token).userId).toBe(userId)
})

test('a token with any changed character is refused', () => {
  const token = issue()
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
