import { expect, test } from '@jest/globals'
import type { TimeMap } from '../probe/times/time-map.ts'
import { aMedium } from '../testing/fixtures.ts'
import { seekOf, seekOptions } from './seek.ts'
import type { SoughtSource } from './types.ts'

const aMap = (more: Partial<TimeMap> = {}): TimeMap => ({
  video: { start: 0, end: 30, packets: 720 },
  audio: { start: 0, end: 30, packets: 1400 },
  end: 30,
  origin: 3000,
  shift: 0,
  keyFrames: [0, 8, 16].map((at) => ({ shownAt: at, decodedAt: at - 0.1 })),
  hasTimestamps: true,
  continuous: true,
  changes: [],
  warnings: [],
  ...more,
})

const options = (start: number, more: Partial<SoughtSource> = {}) =>
  seekOptions(seekOf({ info: aMedium(), range: { start, seconds: 2, whole: false }, ...more })).join(' ')

test.each([
  ['the beginning is not sought', 0, {}, '-t 2'],
  ['an index leads to the key frame before', 7, {}, '-ss 7 -noaccurate_seek'],
  ['a key frame found before is sought', 7, { keyFrame: 2.5 }, '-ss 2.5 -noaccurate_seek -itsoffset -4.5'],
  ['a key frame at the beginning needs no seek', 7, { keyFrame: 0 }, '-itsoffset -7'],
  ['audio alone is cut where it is sought', 7, { info: aMedium({ video: null }) }, '-ss 7 -t 2'],
  [
    'without an index, a known key frame is',
    9,
    { times: aMap() },
    '-ss 6.9 -noaccurate_seek -itsoffset -2.1',
  ],
  ['before the second key frame, all is decoded', 7, { times: aMap() }, '-itsoffset -7'],
  [
    'where timestamps start anew, all is decoded',
    17,
    { times: aMap({ continuous: false }) },
    '-itsoffset -17',
  ],
  ['a source that begins late begins at 0', 0, { times: aMap({ shift: 4 }) }, '-itsoffset -4'],
  ['raw streams are sought by ffmpeg', 7, { times: aMap({ hasTimestamps: false }) }, '-ss 7 -t 2'],
])('%s', (_, start, more, expected) => {
  expect(options(start, more)).toBe(expected)
})
