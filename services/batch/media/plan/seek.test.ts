import { describe, expect, test } from '@jest/globals'
import type { TimeMap } from '../probe/times/time-map.ts'
import { aMedium, anAudio, aVideo } from '../testing/fixtures.ts'
import { decodedEarlier, offsetFilters, seekOf, seekOptions, timestampOptions } from './seek.ts'
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
  [
    'so does one of which ffmpeg starts with the earliest stream that is used',
    0,
    { times: aMap({ shift: 4, startsAtUsed: true }) },
    '-t 2',
  ],
  [
    'but when it is sought',
    9,
    { times: aMap({ shift: 4, startsAtUsed: true }) },
    '-ss 10.9 -noaccurate_seek -itsoffset -2.1',
  ],
  [
    'also with an ffmpeg that then counts as if the file began at 0',
    9,
    { times: aMap({ shift: 4, startsAtUsed: true, uncountedStart: 2 }) },
    '-ss 10.9 -noaccurate_seek -itsoffset -4.1',
  ],
  [
    'or from the first frame, where the place sought is a smaller number',
    9,
    { times: aMap({ shift: 4, startsAtUsed: true, uncountedStart: 2996 }) },
    '-ss 10.9 -noaccurate_seek -itsoffset -9',
  ],
  ['and its graph moves what is not sought', 3, { times: aMap({ shift: 4, startsAtUsed: true }) }, ''],
  ['raw streams are sought by ffmpeg', 7, { times: aMap({ hasTimestamps: false }) }, '-ss 7 -t 2'],
])('%s', (_, start, more, expected) => {
  expect(options(start, more)).toBe(expected)
})

describe('timestamps far before 0, which ffmpeg would take for a jump in a transport stream', () => {
  const filtersOf = (start: number, times: Partial<TimeMap>) => {
    const info = aMedium({ container: 'mpegts' })
    const range = { start, seconds: 2, whole: false }
    const seek = seekOf({ info, range, times: aMap({ continuous: false, ...times }) })
    return [seekOptions(seek).join(' '), offsetFilters(seek, 'video').at(-1), offsetFilters(seek, 'audio')]
  }
  const inGraph = (seconds: number) => [
    '',
    `setpts=PTS+round(${seconds}/TB)`,
    [`asetpts=PTS+round(${seconds}/TB)`],
  ]
  test.each([
    ['a few seconds are moved by ffmpeg', 4, {}, ['-itsoffset -4', undefined, []]],
    ['more are moved in the graph', 12, {}, inGraph(-12)],
    ['fewer, where the longest gap is shorter', 4, { longestGap: 1 }, inGraph(-4)],
  ])('%s', (_, start, times, expected) => {
    expect(filtersOf(start, times)).toEqual(expected)
  })
})

test('raw video has no timestamps that could be sought or moved before it is decoded', () => {
  const info = aMedium({ container: 'h264', audio: null })
  const seek = seekOf({
    info,
    range: { start: 7, seconds: 2, whole: false },
    times: aMap({ hasTimestamps: false }),
  })
  expect(seekOptions(seek)).toEqual([])
  expect(offsetFilters(seek, 'video')).toContain('setpts=PTS+round(-7/TB)')
})

test('compressed audio in WAV is not sought', () => {
  const wav = (codec: string) => aMedium({ container: 'wav', video: null, audio: anAudio({ codec }) })
  expect(options(7, { info: wav('pcm_s16le') })).toBe('-ss 7 -t 2')
  expect(options(7, { info: wav('adpcm_ms') })).toBe('-itsoffset -7')
})

test('what gives no frame where it was sought is decoded from long before', () => {
  const range = { start: 50, seconds: 2, whole: false }
  expect(options(50, { range, ...decodedEarlier({}, 50) })).toBe('-ss 20 -noaccurate_seek -itsoffset -30')
  const keyFrames = [0, 8, 40].map((at) => ({ shownAt: at, decodedAt: at }))
  expect(
    decodedEarlier({ times: aMap({ keyFrames }) }, 50).times?.keyFrames.map(({ shownAt }) => shownAt),
  ).toEqual([0, 8])
})

test('a shorter gap applies to the whole run', () => {
  expect(timestampOptions(aMap())).toEqual([])
  expect(timestampOptions(aMap({ longestGap: 1 }))).toEqual(['-dts_delta_threshold', '1'])
})

test('raw MPEG video is counted from its first frame, from which the second follows at the distance of all others', () => {
  const info = aMedium({ container: 'mpegvideo', video: aVideo({ fps: 25 }), audio: null })
  const seek = seekOf({ info, range: { start: 2, seconds: 3, whole: false } })
  expect(seekOptions(seek)).toEqual([])
  expect(offsetFilters(seek, 'video')).toEqual([
    expect.stringContaining('settb='),
    "setpts='if(eq(N,0),0,PTS-if(eq(N,1),st(0,PTS-round(0.04/TB)),ld(0)))+round(-2/TB)'",
  ])
})
