import { describe, expect, test } from '@jest/globals'
import { aMedium, anAudio, aVideo } from '../testing/fixtures.ts'
import { deviation, type Found, requirePlanned } from './verify.ts'

const frames = { count: 480, tolerance: 0 }
const expected = { seconds: 20, frames, width: 640, height: 360, fps: 24, hasVideo: true, hasAudio: true }
const packets = { video: { packets: 480, start: 0 }, audio: { packets: 939, start: -0.021 } }
const medium = (more: object = {}, video: object = {}, counted: object = {}): Found => ({
  packets: { ...packets, ...counted },
  info: aMedium({
    duration: 20,
    video: aVideo({ width: 640, height: 360, duration: 20, ...video }),
    audio: anAudio({ duration: 20 }),
    ...more,
  }),
})

describe('a rendered file', () => {
  test('that is as planned has no deviation', () => {
    expect(deviation(expected, medium())).toBeUndefined()
    expect(deviation(expected, medium({ duration: 20.04 }))).toBeUndefined()
  })

  test('that is short may count a frame more or less', () => {
    const short = { ...expected, seconds: 2, fps: 8, frames: null }
    const rendered = (fps: number) =>
      medium({ duration: 2, audio: anAudio({ duration: 2 }) }, { duration: 2, fps })
    expect(deviation(short, rendered(7.6))).toBeUndefined()
    expect(deviation(short, rendered(7.4))).toBe('7.4 frames per second instead of 8.000')
  })

  test('that was copied starts where its source does, and may lose a frame', () => {
    const copied = { ...expected, frames: { count: 482, tolerance: 2 }, videoCodec: 'h264' }
    expect(deviation(copied, medium({}, {}, { audio: { packets: 900, start: 0.5 } }))).toBeUndefined()
    expect(deviation(copied, medium({}, {}, { video: { packets: 240, start: 0 } }))).toBe(
      '240 frames instead of 482',
    )
  })

  test('that was copied has the codecs of its source', () => {
    const copied = { ...expected, videoCodec: 'h264', audioCodec: 'mp3' }
    expect(deviation(copied, medium({ audio: anAudio({ codec: 'mp3', duration: 20 }) }))).toBeUndefined()
    expect(deviation(copied, medium({ audio: anAudio({ codec: 'mp2', duration: 20 }) }))).toBe(
      'mp2 audio instead of mp3',
    )
    expect(deviation({ ...expected, videoCodec: 'vp9' }, medium())).toBe('h264 video instead of vp9')
  })

  test.each([
    ['is too short', medium({ duration: 19.9 }), '19.900 s instead of 20.000 s'],
    ['has video that ends early', medium({}, { duration: 12 }), '12.000 s of video instead of 20.000 s'],
    [
      'has audio that ends early',
      medium({ audio: anAudio({ duration: 3 }) }),
      '3.000 s of audio instead of 20.000 s',
    ],
    ['has another size', medium({}, { width: 638 }), '638x360 pixels instead of 640x360'],
    ['runs too fast', medium({}, { fps: 1000 }), '1000 frames per second instead of 24.000'],
    ['lost a frame', medium({}, {}, { video: { packets: 479, start: 0 } }), '479 frames instead of 480'],
    [
      'lost a frame while it was sent',
      { ...medium({}, { frames: 479 }), packets: undefined },
      '479 frames instead of 480',
    ],
    ['starts late', medium({}, {}, { video: { packets: 480, start: 0.5 } }), 'video that starts at 0.500 s'],
    [
      'has late audio',
      medium({}, {}, { audio: { packets: 939, start: 0.1 } }),
      'audio that starts at 0.100 s',
    ],
    [
      'has streams that end apart',
      medium({ audio: anAudio({ duration: 20.04 }) }, { duration: 19.96 }),
      'streams that end 0.080 s apart',
    ],
    ['lost its audio', medium({ audio: null }), 'no audio'],
    ['lost its video', medium({ video: null }), 'no video'],
  ])('that %s deviates', (_, info, difference) => {
    expect(deviation(expected, info)).toBe(difference)
  })
})

describe('requirePlanned', () => {
  const output = { name: 'a.mp4', expected }
  const short = medium({ duration: 10, bytes: 1000 })
  test.each([
    [
      'a source that ffmpeg has no message about',
      short,
      { lines: [], duplicatedFrames: 0, reports: new Map() },
      'media.wrong_result',
    ],
    [
      'a source that ended early',
      short,
      { lines: ['x: partial file'], duplicatedFrames: 0, reports: new Map() },
      'media.damaged',
    ],
    [
      'frames that never came',
      medium(),
      { lines: [], duplicatedFrames: 40, reports: new Map() },
      'media.damaged',
    ],
    [
      'memory that ran out',
      short,
      { lines: ['x: Cannot allocate memory'], duplicatedFrames: 0, reports: new Map() },
      'media.limits',
    ],
    [
      'the largest size allowed',
      medium({ duration: 10, bytes: 9_999 }),
      { lines: [], duplicatedFrames: 0, reports: new Map() },
      'media.limits',
    ],
    [
      'more bytes than are allowed',
      medium({ bytes: 10_001 }),
      { lines: [], duplicatedFrames: 0, reports: new Map() },
      'media.limits',
    ],
  ])('after %s the file does not count', (_, info, result, code) => {
    expect(() => requirePlanned(output, info, result, 10_000)).toThrow(expect.objectContaining({ code }))
  })
})
