import { expect, test } from '@jest/globals'
import { backoff } from './backoff.ts'

const options = { baseMs: 200, maxMs: 5000 }

test.each([
  [1, 200],
  [2, 400],
  [3, 800],
  [5, 3200],
  [6, 5000],
  [11, 5000],
])('the delay after attempt %i is %i ms', (attempt, delayMs) => {
  expect(backoff(attempt, options)).toBe(delayMs)
})

test.each([
  [0, 100],
  [0.5, 150],
  [0.999_999, 200],
])('with half of it random, the delay for %f is %i ms', (random, delayMs) => {
  expect(backoff(1, { ...options, jitter: 0.5, random })).toBe(delayMs)
})

test('without a given random number, the delay stays within its jitter', () => {
  for (let i = 0; i < 100; i++) {
    const delayMs = backoff(1, { ...options, jitter: 0.5 })
    expect(delayMs).toBeGreaterThanOrEqual(100)
    expect(delayMs).toBeLessThanOrEqual(200)
  }
})

test('more attempts than a number has powers of two still give the longest delay', () => {
  expect(backoff(5000, options)).toBe(5000)
})
