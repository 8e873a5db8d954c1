import { expect, test } from '@jest/globals'
import { addSamples, emptyPeaks, peakBetween } from './peaks.ts'

test('a peak is the loudest sample of its stretch, whatever its sign', () => {
  const peaks = emptyPeaks(1)
  addSamples(peaks, Float32Array.of(0.1, -0.5, 0.2, 0.1), 0, 400)
  expect(peakBetween(peaks, 0, 0.01)).toBeCloseTo(0.5, 2)
  expect(peakBetween(peaks, 0.01, 1)).toBe(0)
})

test('later slices and further channels add up', () => {
  const peaks = emptyPeaks(2)
  addSamples(peaks, new Float32Array(8_000).fill(0.25), 1, 8_000)
  addSamples(peaks, new Float32Array(4_000).fill(1.5), 1, 8_000)
  expect(peakBetween(peaks, 0, 1)).toBe(0)
  expect(peakBetween(peaks, 1.2, 1.4)).toBe(1)
  expect(peakBetween(peaks, 1.6, 2)).toBeCloseTo(0.25, 2)
})

test('samples beyond the expected end are ignored', () => {
  const peaks = emptyPeaks(1)
  addSamples(peaks, new Float32Array(16_000).fill(1), 0.5, 8_000)
  expect(peaks.values).toHaveLength(100)
})

test('a long source has a coarser waveform', () => {
  const { values, perSecond } = emptyPeaks(10 * 3600)
  expect(values).toHaveLength(360_000)
  expect(perSecond).toBe(10)
})
