import { expect, test } from '@jest/globals'
import { describeFrames, isAnimatedWebp } from './describe.ts'

const FILE = { width: 320, height: 181, bytes: 5000 }

test('an even animation has the rate of its frames', () => {
  const { info, times } = describeFrames(
    FILE,
    Array.from({ length: 50 }, () => ({ ms: 40 })),
  )
  expect(info).toMatchObject({
    ...{ container: 'webp', duration: 2, bytes: 5000, bit_rate: 20_000, streams: 1, audio: null },
    video: { codec: 'webp', width: 320, height: 181, fps: 25, variable_fps: false, alpha: true, frames: 50 },
  })
  expect(info).not.toHaveProperty('start')
  expect(times).toMatchObject({ end: 2, video: { start: 0, end: 2, packets: 50 }, hasTimestamps: true })
  expect(isAnimatedWebp(info)).toBe(true)
})

test('an uneven one has the rate at which it moves', () => {
  const frames = Array.from({ length: 40 }, (_, i) => ({ ms: i === 20 ? 3000 : 50 }))
  expect(describeFrames(FILE, frames).info).toMatchObject({
    duration: 4.95,
    video: { variable_fps: true, peak_fps: 20, fps: 8.081 },
  })
})
