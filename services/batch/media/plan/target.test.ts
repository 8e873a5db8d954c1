import { describe, expect, test } from '@jest/globals'
import { Recipe } from '#shared/contract/recipe.ts'
import { aMedium, anAudio, aVideo } from '../testing/fixtures.ts'
import { aPlanContext } from '../testing/plans.ts'
import { rateText } from './frame-rate.ts'
import { chooseTarget, frameSize } from './target.ts'

const upload = { upload_id: '00000000-0000-4000-8000-000000000000' }
const target = (recipe: object, ...infos: ReturnType<typeof aMedium>[]) =>
  chooseTarget(aPlanContext(Recipe.parse({ sources: infos.map(() => upload), ...recipe }), infos))

describe('the canvas', () => {
  test.each([
    [
      "has the shape of the first source's video",
      {},
      aMedium({ video: aVideo({ width: 640, height: 361 }) }),
      '640x360',
    ],
    ['is the frame of the recipe', { frame: { width: 64, height: 64 } }, aMedium(), '64x64'],
    ['follows from an aspect', { frame: { aspect: '1:1', fit: 'crop' } }, aMedium(), '1080x1080'],
  ])('%s', (_, recipe, info, size) => {
    const { canvas } = target(recipe, info)
    expect(`${canvas?.width}x${canvas?.height}`).toBe(size)
  })

  test('with a side that no encoder takes is impossible', () => {
    expect(() => target({ frame: { aspect: '1:99' } }, aMedium())).toThrow(
      expect.objectContaining({ code: 'media.impossible' }),
    )
  })

  test.each([
    ['unlabelled HD counts as BT.709', aVideo({ matrix: null, height: 720 }), 'bt709'],
    ['unlabelled SD counts as BT.601', aVideo({ matrix: null, height: 576 }), 'bt601'],
    ['a label wins', aVideo({ matrix: 'smpte170m', height: 1080 }), 'bt601'],
  ])('%s', (_, video, matrix) => {
    expect(target({}, aMedium({ video })).canvas?.matrix).toBe(matrix)
  })

  test.each([
    ['a GIF has 15 frames per second at most', { output: { format: 'gif' } }, '15'],
    ['the fastest of several outputs counts', { outputs: [{ fps: 12 }, { format: 'webm', fps: 50 }] }, '50'],
  ])('%s', (_, recipe, rate) => {
    expect(rateText(target(recipe, aMedium()).rate)).toBe(rate)
  })

  test.each([
    ['a whole number of them is kept', { fps: 1 }, {}, '1'],
    [
      'a trim starts between two of them',
      { fps: 1 },
      { sources: [{ ...upload, trim: { start: 0.5 } }] },
      '10',
    ],
    ['a trim ends between two', { fps: 1 }, { sources: [{ ...upload, trim: { duration: 1.5 } }] }, '10'],
    ['a part ends between two', { fps: 1 }, { split: { every: 2.5 } }, '10'],
    ['a bumper does', { fps: 1 }, { bumper: { intro: { seconds: 0.5 } } }, '10'],
    ['none of them stands for whole seconds', { fps: 0.3 }, {}, '10'],
    ['a rate that is asked for is kept', { fps: 1 }, { output: { fps: 2 }, split: { every: 2.3 } }, '2'],
  ])('slow frames: %s', (_, video, recipe, rate) => {
    expect(rateText(target(recipe, aMedium({ duration: 20, video: aVideo(video) })).rate)).toBe(rate)
  })
})

describe('audio', () => {
  const mp3 = { output: { format: 'mp3' } }
  test.each([
    [
      'beside video is 48 kHz stereo',
      {},
      anAudio({ channels: 1, sample_rate: 8000 }),
      { rate: 48_000, channels: 2 },
    ],
    ['alone keeps its sample rate', mp3, anAudio({ sample_rate: 44_100 }), { rate: 44_100, channels: 2 }],
    ['alone stays mono', mp3, anAudio({ channels: 1 }), { rate: 48_000, channels: 1 }],
    ['of 5.1 becomes stereo', mp3, anAudio({ channels: 6 }), { rate: 48_000, channels: 2 }],
    [
      'of an odd sample rate becomes 48 kHz',
      mp3,
      anAudio({ sample_rate: 11_025 }),
      { rate: 48_000, channels: 2 },
    ],
    [
      'for Opus is 48 kHz',
      { output: { format: 'ogg' } },
      anAudio({ sample_rate: 44_100 }),
      { rate: 48_000, channels: 2 },
    ],
  ])('%s', (_, recipe, audio, format) => {
    expect(target(recipe, aMedium({ audio })).audio).toEqual(format)
  })

  test.each([
    ['one of them', [{ format: 'wav', channels: 1 }, { format: 'mp3' }], 2],
    [
      'all of them',
      [
        { format: 'wav', channels: 1 },
        { format: 'mp3', channels: 1 },
      ],
      1,
    ],
  ])('alone is mono when %s asks for it: %j gives %d', (_, outputs, channels) => {
    expect(target({ outputs }, aMedium()).audio?.channels).toBe(channels)
  })

  test('is none when muted', () => {
    expect(target({ audio: 'mute' }, aMedium()).audio).toBeNull()
  })

  test('is impossible when no source has any', () => {
    expect(() => target(mp3, aMedium({ audio: null }))).toThrow(
      expect.objectContaining({ code: 'media.impossible' }),
    )
  })
})

const size = (text: string) => {
  const [width = 0, height = 0] = text.split('x').map(Number)
  return { width, height }
}

describe('frameSize', () => {
  test.each([
    ['both sides as given', { width: 640, height: 360 }, '1920x1080', '640x360'],
    ['a width alone keeps the shape', { width: 640 }, '1440x1080', '640x480'],
    ['a height alone keeps the shape', { height: 540 }, '1440x1080', '720x540'],
    ['a width and an aspect', { width: 640, aspect: '1:1' }, '1440x1080', '640x640'],
    [
      'an aspect is cropped out of taller video at its width',
      { aspect: '16:9', fit: 'crop' },
      '1440x1080',
      '1440x810',
    ],
    [
      'an aspect is cropped out of upright video at its width',
      { aspect: '16:9', fit: 'crop' },
      '1080x1920',
      '1080x608',
    ],
    [
      'an aspect is cropped out of wider video at its height',
      { aspect: '16:9', fit: 'crop' },
      '1920x804',
      '1429x804',
    ],
    ['an aspect is padded around taller video', { aspect: '16:9' }, '1440x1080', '1920x1080'],
  ])('%s', (_, frame, video, result) => {
    expect(frameSize({ fit: 'pad', ...frame }, size(video))).toEqual(size(result))
  })
})
