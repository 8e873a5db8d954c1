import { describe, expect, test } from '@jest/globals'
import { usualDelivery, verdictOf, windowAfter } from './delivery.ts'

const settings = { minBackoffMs: 100, maxBackoffMs: 1_000, maxDeliveryAttempts: 5 }

describe('a delivery', () => {
  test.each([200, 201, 204])('answered %i is acknowledged', (status) => {
    expect(verdictOf(status, 1, settings, 0)).toEqual({ kind: 'acknowledged' })
  })

  test.each([202, 302, 400, 429, 500, 503, 0])('answered %i comes again', (status) => {
    expect(verdictOf(status, 1, settings, 0.5)).toEqual({ kind: 'again', restMs: 100 })
  })

  test('that nobody answered in time comes again', () => {
    expect(verdictOf(undefined, 1, settings, 0.5)).toEqual({ kind: 'again', restMs: 100 })
  })

  test('rests twice as long each time, up to the most', () => {
    const rests = [1, 2, 3, 4, 9].map((attempt) =>
      verdictOf(503, attempt, { ...settings, maxDeliveryAttempts: 0 }, 0.5),
    )
    expect(rests.map((rest) => 'restMs' in rest && rest.restMs)).toEqual([100, 200, 400, 800, 1000])
  })

  test('is given up after the last attempt, a busy 429 counting like any other', () => {
    expect(verdictOf(429, 4, settings, 0.5)).toEqual({ kind: 'again', restMs: 800 })
    expect(verdictOf(429, 5, settings, 0.5)).toEqual({ kind: 'given-up' })
  })

  test('acknowledged at the last attempt is not given up', () => {
    expect(verdictOf(204, 5, settings, 0.5)).toEqual({ kind: 'acknowledged' })
  })

  test('without a last attempt is never given up', () => {
    const endless = { ...settings, maxDeliveryAttempts: 0 }
    expect(verdictOf(503, 10_000, endless, 0.5)).toEqual({ kind: 'again', restMs: 1000 })
  })
})

describe('the window', () => {
  const slow = { ...usualDelivery, slowStart: true, concurrency: 10 }

  test('doubles with every acknowledgement, up to the concurrency', () => {
    let window = 1
    const seen = [1, 2, 3, 4, 5].map(() => {
      window = windowAfter(window, { kind: 'acknowledged' }, slow)
      return window
    })
    expect(seen).toEqual([2, 4, 8, 10, 10])
  })

  test('halves with every refusal, down to one', () => {
    expect(windowAfter(9, { kind: 'again', restMs: 1 }, slow)).toBe(4)
    expect(windowAfter(1, { kind: 'given-up' }, slow)).toBe(1)
  })

  test('is the concurrency all along without a slow start', () => {
    expect(windowAfter(10, { kind: 'given-up' }, { ...slow, slowStart: false })).toBe(10)
  })
})
