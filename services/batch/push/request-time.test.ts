import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import { createRequestTimes } from './request-time.ts'

beforeEach(() => void jest.useFakeTimers())
afterEach(() => void jest.useRealTimers())

const PUSH = { timeoutMs: 600_000, jobMs: 540_000 }
const pass = (ms: number) => jest.advanceTimersByTime(ms)

test('a request claims jobs as long as it has the time for a whole one', () => {
  const isTimeLeft = createRequestTimes(PUSH)()
  pass(45_000)
  expect(isTimeLeft()).toBe(true)
  pass(1)
  expect(isTimeLeft()).toBe(false)
})

test('each request after a quiet time claims for twice as long as the one before, up to that', () => {
  const begin = createRequestTimes({ ...PUSH, firstMs: 3_000 })
  for (const ms of [3_000, 6_000, 12_000, 24_000, 45_000, 45_000]) {
    const isTimeLeft = begin()
    pass(ms)
    expect(isTimeLeft()).toBe(true)
    pass(1)
    expect(isTimeLeft()).toBe(false)
  }
  pass(120_000)
  const first = begin()
  pass(3_001)
  expect(first()).toBe(false)
})
