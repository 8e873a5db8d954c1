import { expect, test } from '@jest/globals'
import { createPeaks, samplesPerPeak } from './peaks.ts'

const samples = (...values: number[]) => Buffer.from(Int16Array.from(values).buffer)

test('a peak is the loudest sample, of either sign, of its interval', () => {
  const peaks = createPeaks(2)
  peaks.add(samples(0, 1280, -32_768, 5, 300))
  expect(peaks.end()).toEqual([10, 255, 2])
})

test('samples may arrive in pieces of any length', () => {
  const bytes = samples(1280, -2560, 3840)
  const peaks = createPeaks(1)
  for (const byte of bytes) peaks.add(Buffer.of(byte))
  expect(peaks.end()).toEqual([10, 20, 30])
})

test('there are never more than 16,000', () => {
  const peaks = createPeaks(1)
  peaks.add(Buffer.alloc(2 * 16_100))
  expect(peaks.end()).toHaveLength(16_000)
})

test.each([
  [0, 160],
  [320, 160],
  [321, 161],
  [7_200, 3_600],
])('a file of %s s has a peak for every %s samples', (seconds, expected) => {
  expect(samplesPerPeak(seconds)).toBe(expected)
})
