import { describe, expect, test } from '@jest/globals'
import { aVideo } from '../testing/fixtures.ts'
import { exactRate, framesIn, rateOf, rateText } from './frame-rate.ts'

describe('exactRate', () => {
  test.each([
    [24, '24'],
    [23.976, '24000/1001'],
    [29.97, '30000/1001'],
    [59.94, '60000/1001'],
    [12.5, '12500/1000'],
    [15, '15'],
  ])('%d frames per second are %s', (fps, text) => {
    expect(rateText(exactRate(fps))).toBe(text)
  })
})

describe('rateOf', () => {
  test.each([
    ['a constant rate is kept', aVideo({ fps: 25 }), '25'],
    ['1,000 fps is brought to 60', aVideo({ fps: 1000 }), '60'],
    ['a slow constant rate is kept', aVideo({ fps: 5 }), '5'],
    ['less than one frame per second becomes one', aVideo({ fps: 0.2 }), '1'],
    [
      'a variable rate becomes the next broadcast rate above',
      aVideo({ fps: 26.3, variable_fps: true }),
      '30000/1001',
    ],
    ['a variable rate hardly above one stays there', aVideo({ fps: 30.1, variable_fps: true }), '30000/1001'],
    ['an unknown rate becomes 25', aVideo({ fps: 0 }), '25'],
  ])('%s', (_, video, text) => {
    expect(rateText(rateOf(video))).toBe(text)
  })
})

test('a video has at least one frame', () => {
  expect(framesIn(0.001, { num: 24, den: 1 })).toBe(1)
  expect(framesIn(18, { num: 24, den: 1 })).toBe(432)
})
