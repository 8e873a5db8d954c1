import { expect, test } from '@jest/globals'
import { flashesOf, frameOf, levelsOf } from './facts.ts'

test('the bars of a frame give its number, also when lossy video changed them a little', () => {
  expect(frameOf(1, 16, 16, 16)).toEqual({ at: 1, number: 0, lit: false })
  expect(frameOf(1, 16 + 3 * 11 + 4, 16 + 2 * 11 - 4, 230)).toEqual({ at: 1, number: 43, lit: true })
})

test('a flash begins with its first frame', () => {
  const frames = [false, true, true, false, true].map((lit, i) => ({ at: i / 10, number: i, lit }))
  expect(flashesOf(frames)).toEqual([0.1, 0.4])
})

test('a beep begins with its first window, and has a peak and a level', () => {
  const samples = new Float32Array(2 * 1000)
  samples.fill(0.5, 2 * 200, 2 * 400)
  const { beeps, peak, level } = levelsOf(samples, 2, 1000)
  expect(beeps).toEqual([0.2])
  expect(peak).toBeCloseTo(-6.02, 1)
  expect(level).toBeCloseTo(-13.01, 1)
})
