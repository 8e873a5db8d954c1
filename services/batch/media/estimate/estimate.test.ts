import { describe, expect, test } from '@jest/globals'
import type { z } from 'zod'
import type { MediaInfo } from '#shared/contract/media-info.ts'
import { applyPreset } from '#shared/contract/presets.ts'
import { Recipe } from '#shared/contract/recipe.ts'
import { planRender } from '../plan/plan.ts'
import { aMedium, anAudio, aVideo } from '../testing/fixtures.ts'
import { aPlanContext } from '../testing/plans.ts'
import { bytesRead, type Circumstances, estimate } from './estimate.ts'

const MB = 1e6
const upload = { upload_id: '00000000-0000-4000-8000-000000000000' }

/** A film of these minutes as a camera or a site gives it: 1080p24 at 6 Mbit/s. */
const film = (minutes: number, more: Partial<MediaInfo> = {}) =>
  aMedium({
    duration: minutes * 60,
    bytes: minutes * 60 * 750_000,
    video: aVideo({ duration: minutes * 60 }),
    audio: anAudio({ duration: minutes * 60, bit_rate: 128_000 }),
    ...more,
  })

const planned = (recipe: Recipe, info: MediaInfo) => {
  const sources = recipe.sources.map(() => info)
  return { sources, plan: planRender(aPlanContext(recipe, sources)).preferred }
}

const estimated = (recipe: Recipe, info: MediaInfo, circumstances: Circumstances = { cores: 2 }) =>
  estimate(recipe, planned(recipe, info), circumstances)

const aRecipe = (more: Omit<z.input<typeof Recipe>, 'sources'>, trim?: object) =>
  Recipe.parse({ ...more, sources: [{ ...upload, ...(trim && { trim }) }] })

const to360p = { frame: { width: 640, height: 360 } }

describe('what was measured is what is estimated, within a fifth', () => {
  test('a minute of 1080p to 360p takes 17 CPU s', () => {
    const { cpuSeconds } = estimated(aRecipe(to360p), film(1))
    expect(cpuSeconds).toBeGreaterThan(17 / 1.2)
    expect(cpuSeconds).toBeLessThan(17 * 1.2)
  })

  test('a reel of 18 s takes 5.8 CPU s, and 3.35 s on two cores', () => {
    const { cpuSeconds, seconds } = estimated(applyPreset('reel', [upload]), film(0.5))
    expect(cpuSeconds).toBeGreaterThan(5.8 / 1.2)
    expect(cpuSeconds).toBeLessThan(5.8 * 1.2)
    expect(seconds).toBeGreaterThan(3.35 / 1.2)
    expect(seconds).toBeLessThan(3.35 * 1.2)
  })

  test('a minute of MP3 takes 0.63 CPU s', () => {
    const { cpuSeconds } = estimated(applyPreset('mp3', [upload]), film(1))
    expect(cpuSeconds).toBeGreaterThan(0.63 / 1.2)
    expect(cpuSeconds).toBeLessThan(0.63 * 1.2)
  })
})

describe('bytes of outputs', () => {
  const bytesOf = (recipe: Recipe, info = film(1)) => estimated(recipe, info).files[0]?.bytes ?? 0
  const second = (bytes: number) => Math.round((bytes * 8) / 60_000)

  test.each([
    ['a rate that was asked for', aRecipe({ output: { bitrate: 1000 } }), 1128],
    ['MP3 of 192 kbit/s', applyPreset('mp3', [upload]), 192],
    ['stereo WAV of 48 kHz', aRecipe({ output: { format: 'wav' } }), 1536],
  ])('%s is kept, but for the index', (_, recipe, kbits) => {
    expect(second(bytesOf(recipe)) - kbits).toBeGreaterThanOrEqual(0)
    expect(second(bytesOf(recipe)) - kbits).toBeLessThan(10)
  })

  test('copied streams keep their size', () => {
    expect(bytesOf(applyPreset('convert', [upload])) / 45e6).toBeCloseTo(1, 2)
  })

  test('less quality is fewer bytes, and so are fewer pixels', () => {
    const falling = [
      aRecipe({ output: { crf: 16 } }),
      aRecipe({ output: { quality: 'standard' } }),
      aRecipe({ output: { crf: 28 } }),
      aRecipe({ ...to360p, output: { crf: 28 } }),
    ].map((recipe) => bytesOf(recipe))
    expect(falling).toEqual(falling.toSorted((a, b) => b - a))
    expect(new Set(falling).size).toBe(4)
  })

  test('a crf lower by six doubles the video', () => {
    const [less, more] = [24, 18].map((crf) => bytesOf(aRecipe({ audio: 'mute', output: { crf } })) - 49_000)
    expect((more ?? 0) / (less ?? 1)).toBeCloseTo(2, 1)
  })

  test('simple video that came in few bits leaves in few', () => {
    const black = film(1, { bytes: 1.2 * MB, audio: null })
    expect(bytesOf(aRecipe(to360p), black)).toBeLessThan(3 * MB)
    expect(bytesOf(aRecipe({ ...to360p, audio: 'mute' }), black)).toBeLessThan(0.5 * MB)
  })

  test('a source without size and rates counts as a usual one', () => {
    const silent = film(1, { bytes: null, bit_rate: null })
    expect(bytesOf(aRecipe(to360p), silent)).toBeGreaterThan(2 * MB)
  })

  test('a second of still logo is nearly free', () => {
    const bare = bytesOf(aRecipe(to360p))
    const bumped = bytesOf(aRecipe({ ...to360p, bumper: { intro: { seconds: 10 } } }))
    expect(bumped - bare).toBeLessThan(bare / 10)
  })

  test('images and texts have their sizes too', () => {
    const { files } = estimated(aRecipe({ ...to360p, thumbnails: { poster: {}, sprite: {} } }), film(1))
    expect(files.map(({ output }) => output.name)).toEqual([
      'output.mp4',
      'poster.jpg',
      'sprite.jpg',
      'sprite.vtt',
    ])
    for (const { bytes } of files) expect(bytes).toBeGreaterThan(100)
  })
})

describe('bytes to be read', () => {
  const hour = { info: film(60), seconds: 3600 }
  test.each([
    ['all of a source that is used whole', hour, 1, false, 2700],
    ['a whole source twice, when it is too large to be kept', hour, 2, false, 5400],
    ['all of a small one, once', { info: film(0.2), seconds: 1 }, 2, false, 9],
    ['18 s of an hour: those, the index, and what is read ahead', { ...hour, seconds: 18 }, 1, false, 25],
    ['everything, where there are no ranges', { ...hour, seconds: 18 }, 1, true, 2700],
    ['nothing that could be known', { info: film(1, { bytes: null }), seconds: 1 }, 1, false, 0],
  ])('%s', (_, source, readings, copied, megabytes) => {
    expect(Math.round(bytesRead(source, readings, copied) / MB)).toBe(megabytes)
  })

  test('of all sources are added', () => {
    const recipe = Recipe.parse({ ...to360p, sources: [upload, upload] })
    expect(estimated(recipe, film(1)).bytesToRead).toBe(90 * MB)
  })
})

describe('work', () => {
  test('grows with what is asked for', () => {
    const info = film(1)
    const rising = [
      applyPreset('convert', [upload]),
      applyPreset('mp3', [upload]),
      aRecipe({ ...to360p, output: { quality: 'draft' } }),
      aRecipe(to360p),
      aRecipe({ ...to360p, audio: 'normalize', outputs: [{ format: 'mp4' }, { format: 'webm' }] }),
      aRecipe({ output: { codec: 'hevc' } }),
      aRecipe({ output: { codec: 'av1', quality: 'high' } }),
    ].map((recipe) => estimated(recipe, info).cpuSeconds)
    expect(rising).toEqual(rising.toSorted((a, b) => a - b))
  })

  test('is quicker on more cores, and never slower than its CPU seconds', () => {
    const [one, two, four] = [0.5, 2, 4].map((cores) => estimated(aRecipe(to360p), film(1), { cores }))
    expect(one?.seconds).toBeGreaterThan(one?.cpuSeconds ?? 0)
    expect(two?.seconds).toBeLessThan(one?.seconds ?? 0)
    expect(four?.seconds).toBeLessThan(two?.seconds ?? 0)
  })
})
