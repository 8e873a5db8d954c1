import { describe, expect, test } from '@jest/globals'
import { counted, type Policy, pauseMs, refused } from './policy.ts'

const tenPerMinute: Policy = { name: 'test', count: 10, windowMs: 60_000 }
const pausing: Policy = { ...tenPerMinute, pause: { after: 3, maxMs: 10_000 } }

describe('a use', () => {
  test('leaves the rest of the quota, which fills up again within the window', () => {
    expect(counted(tenPerMinute, 6_000)).toEqual({
      allowed: true,
      remaining: 9,
      resetMs: 6_000,
      retryAfterMs: 0,
    })
    expect(counted(tenPerMinute, 60_000)).toMatchObject({ allowed: true, remaining: 0, resetMs: 60_000 })
  })

  test('that is refused may be repeated when one is available again', () => {
    const used = { usedMs: 58_000, sinceLastUseMs: 10 }
    expect(refused(tenPerMinute, used)).toMatchObject({ allowed: false, remaining: 0, retryAfterMs: 3_999 })
  })

  test('of a quota that does not divide its window evenly is not lost to rounding', () => {
    const six: Policy = { name: 'test', count: 6, windowMs: 1_000 }
    // Postgres rounds each interval of 166.6667 ms to microseconds.
    expect(counted(six, 5 * 166.667)).toMatchObject({ remaining: 1 })
  })
})

describe('a growing pause', () => {
  test('begins after some uses and doubles up to its maximum', () => {
    const pauses = [0, 1, 2, 3, 4, 5, 6, 7, 8].map((uses) => pauseMs(pausing, uses * 6_000))
    expect(pauses).toEqual([0, 0, 0, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000])
  })

  test('counts from the last use', () => {
    expect(refused(pausing, { usedMs: 24_000, sinceLastUseMs: 500 }).retryAfterMs).toBe(1_500)
  })

  test('there is none without a rule', () => {
    expect(pauseMs(tenPerMinute, 60_000)).toBe(0)
  })
})
