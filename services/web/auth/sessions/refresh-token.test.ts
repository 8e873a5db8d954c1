import { expect, test } from '@jest/globals'
import {
  firstRefreshToken,
  formatRefreshToken,
  hashesOf,
  nextRefreshToken,
  parseRefreshToken,
} from './refresh-token.ts'

const sessionId = '5b0c7a39-0e64-4a5e-8d43-0c7c5c1a9f02'
const first = firstRefreshToken(sessionId)

test('a refresh token is parsed as it was formatted', () => {
  expect(parseRefreshToken(formatRefreshToken(first))).toEqual(first)
})

test('the next token shares the secret of the session alone', () => {
  const next = nextRefreshToken(first)
  expect({ ...next, secret: '' }).toEqual({ ...first, secret: '' })
  expect(next.secret).not.toBe(first.secret)
  expect(hashesOf(next).family).toEqual(hashesOf(first).family)
  expect(hashesOf(next).token).not.toEqual(hashesOf(first).token)
})

test('two sessions share nothing', () => {
  expect(firstRefreshToken(sessionId).family).not.toBe(first.family)
})

test.each(['', 'cr_', `cr_${sessionId}`, `cr_${sessionId}..`, 'ck_abc', `${formatRefreshToken(first)}x`])(
  '%j is no refresh token',
  (text) => {
    expect(parseRefreshToken(text)).toBeUndefined()
  },
)
