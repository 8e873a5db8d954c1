import { describe, expect, test } from '@jest/globals'
import { aVideo } from '../testing/fixtures.ts'
import { exactRate, framesIn, rateForMoments, rateOf, rateText } from './frame-rate.ts'

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
    ['bursts of 60', aVideo({ fps: 9.25, variable_fps: true, peak_fps: 60 }), '60'],
    [
      '30 that stands still for half of the time',
      aVideo({ fps: 15.1, variable_fps: true, peak_fps: 30 }),
      '30',
    ],
    ['a phone at 30 that drops frames', aVideo({ fps: 28.7, variable_fps: true, peak_fps: 30.03 }), '30'],
    ['29.97, as measured', aVideo({ fps: 25, variable_fps: true, peak_fps: 29.97 }), '30000/1001'],
    [
      'film in fields of 59.94 Hz',
      aVideo({ fps: 29.97, variable_fps: true, peak_fps: 23.976 }),
      '24000/1001',
    ],
    ['motion at 33 needs more than 30', aVideo({ fps: 12, variable_fps: true, peak_fps: 33.3 }), '48'],
    [
      'motion at 15 is shown at the slowest',
      aVideo({ fps: 7, variable_fps: true, peak_fps: 15 }),
      '24000/1001',
    ],
    ['motion at 120 is brought to 60', aVideo({ fps: 40, variable_fps: true, peak_fps: 120 }), '60'],
    ['a time base is not a rate', aVideo({ fps: 1000, variable_fps: true, peak_fps: 30 }), '30'],
    ['an unknown rate becomes 25', aVideo({ fps: 0 }), '25'],
  ])('%s', (_, video, text) => {
    expect(rateText(rateOf(video))).toBe(text)
  })
})

test('a video has at least one frame', () => {
  expect(framesIn(0.001, { num: 24, den: 1 })).toBe(1)
  expect(framesIn(18, { num: 24, den: 1 })).toBe(432)
})

describe('rateForMoments', () => {
  test.each([
    [1, [0, 2, 10], '1'],
    [1, [0.5], '10'],
    [1, [3.04], '1'],
    [0.4, [2.5, 5], '400/1000'],
    [0.4, [0.5], '10000/1000'],
    [3, [0.5], '12'],
    [7.493, [0.2], '14986/1000'],
    [12, [0.54], '12'],
  ])('%d frames per second with moments at %j s', (fps, moments, text) => {
    expect(rateText(rateForMoments(exactRate(fps), moments))).toBe(text)
  })
})
