import { describe, expect, test } from '@jest/globals'
import { aMedium } from '../testing/fixtures.ts'
import { trimRange } from './timeline.ts'

const medium = aMedium({ duration: 10 })
const trim = (more: object) => ({ start: 0, at_most: false, ...more })

describe('trimRange', () => {
  test.each([
    ['no trim keeps all', undefined, { start: 0, seconds: 10, whole: true }],
    ['a start alone keeps the rest', trim({ start: 4 }), { start: 4, seconds: 6, whole: false }],
    ['a range inside', trim({ start: 4, duration: 2 }), { start: 4, seconds: 2, whole: false }],
    [
      'a hair past the end takes what is there',
      trim({ duration: 10.04 }),
      { start: 0, seconds: 10, whole: true },
    ],
    ['at most, and longer', trim({ duration: 18, at_most: true }), { start: 0, seconds: 10, whole: true }],
    ['at most, and shorter', trim({ duration: 3, at_most: true }), { start: 0, seconds: 3, whole: false }],
  ])('%s', (_, given, range) => {
    expect(trimRange(given, medium, 0)).toEqual(range)
  })

  test.each([
    ['past the end', trim({ start: 4, duration: 7 }), 'source 2 ends at 10 s, and its trim runs to 11 s'],
    ['behind the end', trim({ start: 10 }), 'source 2 ends at 10 s, and its trim starts at 10 s'],
    ['behind the end, at most', trim({ start: 12, duration: 1, at_most: true }), 'its trim starts at 12 s'],
  ])('%s is impossible', (_, given, why) => {
    expect(() => trimRange(given, medium, 1)).toThrow(
      expect.objectContaining({ code: 'media.impossible', message: expect.stringContaining(why) }),
    )
  })
})
