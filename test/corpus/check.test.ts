import { describe, expect, test } from '@jest/globals'
import { deviations } from './check.ts'
import type { Facts } from './facts.ts'
import { plays, stands } from './inputs.ts'

/** Two seconds at 10 frames per second, whose frames count from 0, with a flash and a beep each second. */
const facts = (number = (i: number) => i): Facts => ({
  seconds: 2,
  video: {
    ...{ codec: 'h264', width: 320, height: 180, fps: 10, seconds: 2 },
    frames: Array.from({ length: 20 }, (_, i) => ({ at: i / 10, number: number(i), lit: i % 10 === 0 })),
  },
  audio: { codec: 'aac', channels: 2, seconds: 2.02, beeps: [0, 1], peak: -6, level: -20 },
  colours: [
    [200, 40, 40],
    [255, 255, 255],
  ],
  loudness: -16.3,
})

test('a file with the right values has no deviations', () => {
  const right = {
    ...{ seconds: 2, fps: 10, size: '320x180', videoCodec: 'h264', audioCodec: 'aac', channels: 2 },
    ...{ scenes: [plays(0, 2, 0, 10)], beats: [0, 1], peakBelow: 0, level: -20.5, loudness: -16 },
    colours: { patches: ['c82828', 'f9ffff'], within: 6 },
  }
  expect(deviations(right, facts())).toEqual([])
})

describe('deviations are named', () => {
  test.each([
    [
      'its duration',
      { seconds: 3 },
      ['seconds: 2.00 instead of 3.00', 'seconds of video', 'seconds of audio'],
    ],
    ['a stream too many', { streams: 'audio' as const }, ['video: true instead of false']],
    ['its size', { size: '640x360' }, ['size: 320x180 instead of 640x360']],
    ['its rate', { fps: 30 }, ['frames per second: 10.00 instead of 30.00']],
    ['a rate below that of the source', { fpsAtLeast: 30 }, ['frames per second: 10.00, below 30']],
    ['a missing beep', { beats: [0, 0.5, 1] }, ['flashes at 0.00 1.00 s instead of', 'beeps at']],
    ['its peak', { peakBelow: -7 }, ['peak: -6.00 dBFS, above -7']],
    ['its loudness', { loudness: -14 }, ['loudness in LUFS: -16.30 instead of -14.00']],
    [
      'a colour',
      { colours: { patches: ['c82828', 'e0e0e0'], within: 8 } },
      ['colour ffffff instead of e0e0e0'],
    ],
    ['no frames in a range', { scenes: [plays(3, 4, 0)] }, ['no frame from 3 to 4 s']],
  ])('%s', (_, right, expected) => {
    const found = deviations(right, facts())
    expect(found).toEqual(expected.map((start) => expect.stringContaining(start)))
  })

  test('a frozen head', () => {
    const frozen = facts((i) => Math.max(i, 8))
    expect(deviations({ scenes: [plays(0, 2, 0, 10)] }, frozen)).toEqual([
      '7 of 20 frames from 0 to 2 s are wrong: at 0.00 s frame 8 instead of 0',
    ])
  })

  test('a frame that moves where one should stand', () => {
    expect(deviations({ scenes: [stands(0.5, 1, 5)] }, facts())).toEqual([
      expect.stringContaining('frame 7 instead of 5'),
    ])
  })

  test('flash and beep apart', () => {
    const late = facts()
    if (late.audio) late.audio.beeps = [0.055, 1.055]
    expect(deviations({ beats: [0, 1] }, late)).toEqual(['flash and beep are 55 ms apart'])
  })
})
