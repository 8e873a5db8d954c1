import { expect, test } from '@jest/globals'
import { Recipe } from '#shared/contract/recipe.ts'
import type { Run } from '../ffmpeg/command-line.ts'
import { aMedium, someLimits } from '../testing/fixtures.ts'
import { anInput, aPlanContext } from '../testing/plans.ts'
import { measureLoudness } from './measure-loudness.ts'

const clip = { upload_id: '00000000-0000-4000-8000-000000000001' }

test('a clip that both bumpers show is measured once, as far as either shows it', async () => {
  const recipe = Recipe.parse({
    sources: [{ upload_id: '00000000-0000-4000-8000-000000000000' }],
    bumper: { intro: { clip, seconds: 2 }, outro: { clip, seconds: 5 } },
    audio: 'normalize',
  })
  const clips = { [clip.upload_id]: { input: anInput('clip.mp4'), info: aMedium({ duration: 20 }) } }
  const context = aPlanContext(recipe, [aMedium({ duration: 60 })], {
    assets: { logo: anInput('logo.png'), images: {}, clips },
  })
  const measured: number[] = []
  const deps = {
    runner: async ({ seconds }: Run) => {
      measured.push(seconds)
      // Nothing was measured.
      return { lines: ['{', '}'] }
    },
    settings: { limits: someLimits, threads: 0, deadlineMs: 1000 },
  }
  await measureLoudness(context, deps as never, { signal: new AbortController().signal })
  expect(measured).toEqual([60, 5])
})
