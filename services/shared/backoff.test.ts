import { expect, test } from '@jest/globals'
import { restMs } from './backoff.ts'

const backoff = { tries: 12, firstMs: 200, ceilingMs: 5000 }

test.each([
  [1, 200],
  [2, 400],
  [3, 800],
  [5, 3200],
  [6, 5000],
  [11, 5000],
])('after failed try %i the full rest is %i ms', (failedTry, rest) => {
  expect(restMs(failedTry, backoff, 0)).toBe(rest)
})

test('chance takes away at most half of a rest', () => {
  expect(restMs(1, backoff, 0.5)).toBe(150)
  expect(restMs(1, backoff, 0.999_999)).toBe(100)
})

test.each([12, 13])('there is no rest after try %i of 12, since no try follows', (failedTry) => {
  expect(restMs(failedTry, backoff, 0)).toBeUndefined()
})

test('a number of tries beyond every power of two still rests for the ceiling', () => {
  expect(restMs(5000, { ...backoff, tries: 10_000 }, 0)).toBe(5000)
})
