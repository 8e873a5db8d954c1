import { expect, test } from '@jest/globals'
import { speedOf, withSample } from './speed.ts'

test('the speed is that of the last seconds, and unknown at first', () => {
  let samples = withSample([], { at: 0, bytes: 0 })
  expect(speedOf(samples)).toBeUndefined()
  for (let at = 1000; at <= 20_000; at += 1000) {
    samples = withSample(samples, { at, bytes: at <= 10_000 ? at : 10_000 + (at - 10_000) * 5 })
  }
  expect(speedOf(samples)).toBeCloseTo(5000)
})

test('the speed forgets what was sent before the upload fell back', () => {
  const samples = withSample([{ at: 0, bytes: 900 }], { at: 500, bytes: 100 })
  expect(samples).toEqual([{ at: 500, bytes: 100 }])
})
