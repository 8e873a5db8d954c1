import { describe, expect, test } from '@jest/globals'
import {
  nextChunk,
  receivedBytes,
  secondsLeft,
  speedOf,
  statusHeader,
  verdictOf,
  waitMs,
  withSample,
} from './schedule.ts'

const MB = 1_000_000

describe('chunks', () => {
  test('cover the file without gap or overlap, in multiples of 256 KiB but for the last', () => {
    const size = 20 * MB + 1
    let sent = 0
    while (sent < size) {
      const chunk = nextChunk(sent, size, 2 * MB)
      if (!chunk) throw new Error('ended early')
      expect(chunk.start).toBe(sent)
      const bytes = chunk.end - chunk.start + 1
      if (chunk.end + 1 < size) expect(bytes % (256 * 1024)).toBe(0)
      expect(chunk.header).toBe(`bytes ${chunk.start}-${chunk.end}/${size}`)
      sent = chunk.end + 1
    }
    expect(sent).toBe(size)
    expect(nextChunk(sent, size, 2 * MB)).toBeUndefined()
  })

  test('grow with the speed, between 1 and 32 MiB', () => {
    const bytes = (speed: number | undefined) => (nextChunk(0, 1e12, speed)?.end ?? 0) + 1
    expect(bytes(undefined)).toBe(2 ** 20)
    expect(bytes(1_000)).toBe(2 ** 20)
    expect(bytes(1e12)).toBe(2 ** 25)
    expect(bytes(2 * MB)).toBeGreaterThan(bytes(MB))
  })
})

test('a status check names the size', () => {
  expect(statusHeader(7)).toBe('bytes */7')
})

test.each([
  [null, 0],
  ['bytes=0-262143', 262_144],
  ['nonsense', 0],
])('Range %j means %d bytes', (range, bytes) => {
  expect(receivedBytes(range)).toBe(bytes)
})

test.each([
  [201, 'complete'],
  [200, 'complete'],
  [308, 'continue'],
  [0, 'again'],
  [503, 'again'],
  [409, 'expired'],
  [410, 'expired'],
  [413, 'refused'],
] as const)('status %d: %s', (status, verdict) => {
  expect(verdictOf(status)).toBe(verdict)
})

test('waits double up to half a minute', () => {
  expect([1, 2, 3, 4, 20].map(waitMs)).toEqual([500, 1000, 2000, 4000, 30_000])
})

describe('speed', () => {
  test('is that of the last seconds, and unknown at first', () => {
    let samples = withSample([], { at: 0, bytes: 0 })
    expect(speedOf(samples)).toBeUndefined()
    for (let at = 1000; at <= 20_000; at += 1000) {
      samples = withSample(samples, { at, bytes: at <= 10_000 ? at : 10_000 + (at - 10_000) * 5 })
    }
    expect(speedOf(samples)).toBeCloseTo(5000)
  })

  test('gives the time left', () => {
    expect(secondsLeft(50, 100, 10)).toBe(5)
    expect(secondsLeft(50, 100, undefined)).toBeUndefined()
    expect(secondsLeft(50, 100, 0)).toBeUndefined()
  })

  test('forgets what was sent before the upload fell back', () => {
    const samples = withSample([{ at: 0, bytes: 900 }], { at: 500, bytes: 100 })
    expect(samples).toEqual([{ at: 500, bytes: 100 }])
  })
})
