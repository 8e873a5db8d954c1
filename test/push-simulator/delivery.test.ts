import { describe, expect, test } from '@jest/globals'
import { DEFAULT_DELIVERY, verdictOf, windowAfter } from './delivery.ts'

const settings = { minBackoffMs: 100, maxBackoffMs: 1_000, maxDeliveryAttempts: 5 }

describe('a delivery', () => {
  test.each([200, 201, 204])('answered %i is acknowledged', (status) => {
    expect(verdictOf(status, 1, settings, 0)).toEqual({ kind: 'acknowledged' })
  })

  test.each([202, 302, 400, 429, 500, 503, 0])('answered %i comes again', (status) => {
    expect(verdictOf(status, 1, settings, 0.5)).toEqual({ kind: 'retry', delayMs: 100 })
  })

  test('without a reply in time is delivered again', () => {
    expect(verdictOf(undefined, 1, settings, 0.5)).toEqual({ kind: 'retry', delayMs: 100 })
  })

  test('doubles the delay each time, up to the maximum', () => {
    const rests = [1, 2, 3, 4, 9].map((attempt) =>
      verdictOf(503, attempt, { ...settings, maxDeliveryAttempts: 0 }, 0.5),
    )
    expect(rests.map((rest) => 'delayMs' in rest && rest.delayMs)).toEqual([100, 200, 400, 800, 1000])
  })

  test('is given up after the last attempt, a busy 429 counting like any other', () => {
    expect(verdictOf(429, 4, settings, 0.5)).toEqual({ kind: 'retry', delayMs: 800 })
    expect(verdictOf(429, 5, settings, 0.5)).toEqual({ kind: 'dead-lettered' })
  })

  test('acknowledged at the last attempt is not given up', () => {
    expect(verdictOf(204, 5, settings, 0.5)).toEqual({ kind: 'acknowledged' })
  })

  test('without a last attempt is never given up', () => {
    const endless = { ...settings, maxDeliveryAttempts: 0 }
    expect(verdictOf(503, 10_000, endless, 0.5)).toEqual({ kind: 'retry', delayMs: 1000 })
  })
})

describe('the window', () => {
  const slow = { ...DEFAULT_DELIVERY, slowStart: true, concurrency: 10 }

  test('doubles with every acknowledgement, up to the concurrency', () => {
    let window = 1
    const seen = [1, 2, 3, 4, 5].map(() => {
      window = windowAfter(window, { kind: 'acknowledged' }, slow)
      return window
    })
    expect(seen).toEqual([2, 4, 8, 10, 10])
  })

  test('halves with every refusal, down to one', () => {
    expect(windowAfter(9, { kind: 'retry', delayMs: 1 }, slow)).toBe(4)
    expect(windowAfter(1, { kind: 'dead-lettered' }, slow)).toBe(1)
  })

  test('is the concurrency all along without a slow start', () => {
    expect(windowAfter(10, { kind: 'dead-lettered' }, { ...slow, slowStart: false })).toBe(10)
  })
})
