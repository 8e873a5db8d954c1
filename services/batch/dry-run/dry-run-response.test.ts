import { describe, expect, test } from '@jest/globals'
import { applyPreset } from '#shared/contract/presets.ts'
import { Recipe } from '#shared/contract/recipe.ts'
import { foreseeJobs } from '../media/chunks/expand.ts'
import { createRequireFit } from '../media/estimate/require-fit.ts'
import { planRender } from '../media/plan/plan.ts'
import { plannedRender } from '../media/planned-render.ts'
import { aMedium, anAudio, aVideo } from '../media/testing/fixtures.ts'
import { aPlanContext } from '../media/testing/plans.ts'
import type { ForeseenRender } from '../media/types.ts'
import { toDryRunResult } from './dry-run-response.ts'

const upload = { upload_id: '00000000-0000-4000-8000-000000000000' }
const to360p = Recipe.parse({ sources: [upload], frame: { width: 640, height: 360 } })
const normalized = { ...to360p, audio: 'normalize' } as Recipe
const gif = Recipe.parse({ sources: [{ ...upload, trim: { duration: 5 } }], output: { format: 'gif' } })
const copied = applyPreset('convert', [upload])

/** Jobs on Cloud Run: pushed by Pub/Sub, and each with two cores. */
const PUSHED = { limitMs: 480_000, isLimited: true, slots: 1, cores: 2 }
/** Jobs that nothing limits but a day. */
const UNLIMITED = { ...PUSHED, limitMs: 86_000_000, isLimited: false }
const CHUNKS = { seconds: 45, cores: 2, threads: 2 }

/** A film of these minutes, 1080p24 at 6 Mbit/s, as it would be rendered. */
function film(minutes: number, recipe: Recipe, chunks: typeof CHUNKS | null = CHUNKS): ForeseenRender {
  const info = aMedium({
    duration: minutes * 60,
    bytes: minutes * 60 * 750_000,
    video: aVideo({ duration: minutes * 60 }),
    audio: anAudio({ duration: minutes * 60, bit_rate: 128_000 }),
  })
  const context = aPlanContext(recipe, [info])
  const planned = plannedRender(context, planRender(context).preferred)
  return { ...planned, jobs: chunks ? foreseeJobs(context, planned, chunks) : undefined }
}

const requireFit = createRequireFit(PUSHED.limitMs, PUSHED)
/** Whether a job that does such work is started. */
function isTried(recipe: Recipe, planned: ForeseenRender): boolean {
  try {
    if (planned.jobs) requireFit.jobs(planned.jobs)
    else requireFit.render(recipe, planned)
    return true
  } catch (error) {
    expect(error).toMatchObject({ code: 'media.too_long', retry: false, status: 422 })
    return false
  }
}

describe('work that is divided', () => {
  test('has no limit, and is done sooner by more workers', () => {
    const result = toDryRunResult(to360p, film(120, to360p), PUSHED)
    expect(result).toMatchObject({ limit_seconds: null, fits: true })
    const { chunks, cpu_seconds, seconds_on_workers, estimated_seconds } = result
    // 17 CPU s for each minute, and 78 in each chunk: 45 s on two cores.
    expect(cpu_seconds).toBeGreaterThan(120 * 14)
    expect((chunks ?? 0) * 78).toBeLessThan(cpu_seconds ?? 0)
    expect((chunks ?? 0) * 78).toBeGreaterThan(0.9 * (cpu_seconds ?? 0))
    const [one, ten, hundred] = (seconds_on_workers ?? []).map(({ seconds }) => seconds)
    expect(estimated_seconds).toBe(one)
    expect((one ?? 0) / (ten ?? 1)).toBeGreaterThan(5)
    // All of its audio is one job, which takes about 200 s.
    expect(ten).toBeLessThan(300)
    expect(hundred).toBeLessThanOrEqual(ten ?? 0)
  })

  test('is tried up to the longest source that is accepted', () => {
    for (const minutes of [20, 60, 240]) expect(isTried(to360p, film(minutes, to360p))).toBe(true)
  })

  test('does not fit when its audio alone would outlast a push, and is refused when that is hopeless', () => {
    const audioOf = (minutes: number) => {
      const planned = film(minutes, normalized)
      return [toDryRunResult(normalized, planned, PUSHED), isTried(normalized, planned)]
    }
    expect(audioOf(120)).toMatchObject([{ fits: true, limit_seconds: null }, true])
    expect(audioOf(240)).toMatchObject([{ fits: false, limit_seconds: 480 }, true])
    expect(audioOf(900)).toMatchObject([{ fits: false, limit_seconds: 480 }, false])
  })

  test('is refused with the job that takes too long', () => {
    expect(() => requireFit.jobs(film(900, normalized).jobs ?? [])).toThrow(
      /^Encoding the audio would take about 3\d minutes in one job, and a job may take 8 minutes\./,
    )
  })
})

describe('work that is not divided', () => {
  test.each([
    [10, true, true],
    [90, false, true],
    [240, false, false],
  ])('%s minutes in one job of at most 480 s: fits %s, tried %s', (minutes, fits, tried) => {
    const planned = film(minutes, to360p, null)
    expect(toDryRunResult(to360p, planned, PUSHED)).toMatchObject({ chunks: 1, fits, limit_seconds: 480 })
    expect(isTried(to360p, planned)).toBe(tried)
  })

  test('takes as long on any number of workers', () => {
    const { estimated_seconds, seconds_on_workers } = toDryRunResult(gif, film(1, gif), PUSHED)
    expect(seconds_on_workers).toEqual(
      [1, 10, 100].map((workers) => ({ workers, seconds: estimated_seconds })),
    )
  })

  test('has no limit where nothing limits jobs', () => {
    expect(toDryRunResult(gif, film(1, gif), UNLIMITED)).toMatchObject({ limit_seconds: null, fits: true })
  })

  test('is refused when it cannot end within the limit, and the refusal says how long it would take', () => {
    expect(() => requireFit.render(to360p, film(240, to360p, null))).toThrow(
      /^The work cannot be divided, and would take about 4\d minutes in one job, and a job may take 8 minutes\./,
    )
  })

  test('a GIF is one job', () => {
    expect(film(1, gif).jobs).toBeUndefined()
  })

  test('a stream copy of hours is one job, and fits', () => {
    expect(toDryRunResult(copied, film(240, copied), PUSHED)).toMatchObject({ chunks: 1, fits: true })
  })
})

test('a copy of upright video of a phone is as large as players show it', () => {
  const video = aVideo({ width: 1280, height: 720, rotation: 90, display_width: 720, display_height: 1280 })
  const context = aPlanContext(copied, [aMedium({ video })])
  const result = toDryRunResult(copied, plannedRender(context, planRender(context).preferred), PUSHED)
  expect(result.outputs).toMatchObject([{ width: 720, height: 1280 }])
})
