import { describe, expect, test } from '@jest/globals'
import type { z } from 'zod'
import type { MediaInfo } from '#shared/contract/media-info.ts'
import { Recipe } from '#shared/contract/recipe.ts'
import { planRender } from '../plan/plan.ts'
import { aMedium, aVideo } from '../testing/fixtures.ts'
import { aPlanContext, encodingPlan } from '../testing/plans.ts'
import { estimateMemory } from './estimate-memory.ts'

const MIB = 1024 ** 2
const upload = { upload_id: '00000000-0000-4000-8000-000000000000' }
const video = (width: number, height: number) => aMedium({ video: aVideo({ width, height }) })
const SIZES = { '720p': video(1280, 720), '1080p': video(1920, 1080), '2160p': video(3840, 2160) }

function estimated(
  outputs: z.input<typeof Recipe>['outputs'],
  info: MediaInfo,
  { threads = 0, cores = 2, copies = false, more = {} } = {},
): number {
  const recipe = Recipe.parse({ sources: [upload], outputs, ...more })
  const context = aPlanContext(recipe, [info], { threads })
  return estimateMemory(copies ? planRender(context).preferred : encodingPlan(context), [info], cores) / MIB
}

describe('what was measured is within the estimate, which is no more than 1.4 times that', () => {
  test.each([
    ['mp4', {}, '720p', 294],
    ['mp4', {}, '1080p', 462],
    ['mp4', {}, '2160p', 1221],
    ['mp4', { quality: 'high' }, '1080p', 733],
    ['mp4', { quality: 'high' }, '2160p', 2063],
    ['mp4', { codec: 'hevc' }, '720p', 317],
    ['mp4', { codec: 'hevc' }, '1080p', 520],
    ['mp4', { codec: 'hevc' }, '2160p', 1585],
    ['mp4', { codec: 'av1' }, '720p', 1068],
    ['mp4', { codec: 'av1' }, '1080p', 1456],
    ['mp4', { codec: 'av1' }, '2160p', 3156],
    ['webm', {}, '720p', 251],
    ['webm', {}, '1080p', 411],
  ] as const)('%s %j of %s', (format, options, size, measured) => {
    const mib = estimated([{ format, ...options }], SIZES[size])
    expect(mib).toBeGreaterThan(measured * 0.97)
    expect(mib).toBeLessThan(measured * 1.4)
  })

  test.each([
    ['1080p', 8, 787],
    ['2160p', 8, 1970],
    ['2160p', 16, 3187],
  ] as const)('of %s with %d threads, on as many cores', (size, threads, measured) => {
    const mib = estimated([{ format: 'mp4' }], SIZES[size], { threads, cores: threads })
    expect(mib).toBeGreaterThan(measured * 0.97)
    expect(mib).toBeLessThan(measured * 1.4)
  })
})

test('each output of a run counts, and each part of a result only once', () => {
  const one = estimated([{ format: 'mp4' }], SIZES['1080p'])
  const two = estimated([{ format: 'mp4' }, { format: 'webm' }], SIZES['1080p'])
  expect(two).toBeGreaterThan(one + 150)
  const parts = { split: { every: 5 } }
  expect(estimated([{ format: 'mp4' }], SIZES['1080p'], { more: parts })).toBeLessThan(one * 1.1)
})

test('a GIF holds all of its frames', () => {
  const [short, long] = [5, 30].map((duration) =>
    estimated([{ format: 'gif' }], SIZES['1080p'], {
      more: { sources: [{ ...upload, trim: { start: 0, duration } }] },
    }),
  )
  // 480x270 at 15 frames per second: 2.9 MB for each second.
  expect((long ?? 0) - (short ?? 0)).toBeGreaterThan(25 * 2.7)
})

test('audio, and what is copied, takes little, whatever the size of the video', () => {
  expect(estimated([{ format: 'mp3' }], SIZES['2160p'])).toBeLessThan(200)
  expect(estimated([{ format: 'mp4' }], SIZES['2160p'], { copies: true })).toBeLessThan(200)
})
