import { describe, expect, test } from '@jest/globals'
import type { z } from 'zod'
import { Recipe } from '#shared/contract/recipe.ts'
import { planRender } from '../plan/plan.ts'
import { aMedium, anAudio, aVideo } from '../testing/fixtures.ts'
import { aPlanContext } from '../testing/plans.ts'
import { estimate, estimateScratchBytes } from './estimate.ts'

const GB = 1024 ** 3
const upload = { upload_id: '00000000-0000-4000-8000-000000000000' }
/** A minute of 1080p at 25 frames per second, of which nothing is known but its shape. */
const minute = aMedium({
  duration: 60,
  bytes: null,
  video: aVideo({ duration: 60, fps: 25 }),
  audio: anAudio({ duration: 60 }),
})

type RecipeInput = Omit<z.input<typeof Recipe>, 'sources'>

function scratchBytes(input: RecipeInput, { sends = true, maxBytes = GB } = {}): number {
  const recipe = Recipe.parse({ ...input, sources: [upload] })
  const planned = { sources: [minute], plan: planRender(aPlanContext(recipe, [minute])).preferred }
  return estimateScratchBytes(recipe, planned, { sends, maxBytes })
}

/** The index and the header that every output is charged. */
const CONTAINER = 60 * 800 + 1000

describe('the scratch space of a plan', () => {
  test.each<[string, RecipeInput, number]>([
    ['audio, at its bit rate', { output: { format: 'mp3', audio_bitrate: 128 } }, 960_000 + CONTAINER],
    ['audio, as samples', { output: { format: 'wav' } }, 11_520_000 + CONTAINER],
    [
      'video, at its bit rate',
      { audio: 'mute', output: { bitrate: 50_000 } },
      (50_000_000 / 8) * 60 + CONTAINER,
    ],
    ['nothing, for what is sent while it is being written', { output: { format: 'ogg' } }, 0],
  ])('is that of %s', (_, recipe, bytes) => {
    expect(scratchBytes(recipe)).toBe(bytes)
  })

  test('is that of all outputs together', () => {
    const outputs: RecipeInput['outputs'] = [{ format: 'mp3', audio_bitrate: 128 }, { format: 'wav' }]
    expect(scratchBytes({ outputs })).toBe(960_000 + 11_520_000 + 2 * CONTAINER)
  })

  test('of a minute of HD is what x264 usually takes: some 5 Mbit/s', () => {
    const bytes = scratchBytes({ output: { quality: 'standard' } })
    expect(bytes).toBeGreaterThan(16_000_000)
    expect(bytes).toBeLessThan(64_000_000)
  })

  test('is no more than outputs may take', () => {
    expect(scratchBytes({ output: { format: 'wav' } }, { maxBytes: 1_000_000 })).toBe(1_000_000)
  })

  test('counts outputs that could be sent when there is nobody to send them to', () => {
    expect(scratchBytes({ output: { format: 'ogg', audio_bitrate: 128 } }, { sends: false })).toBe(
      960_000 + CONTAINER,
    )
  })

  test('is twice that of the outputs, with files between runs', () => {
    const recipe: RecipeInput = { output: { format: 'mp3', audio_bitrate: 128 } }
    expect(scratchBytes({ ...recipe, split: { every: 60 } })).toBe(2 * scratchBytes(recipe))
  })

  test('is what the dry run says of the files', () => {
    const recipe = Recipe.parse({ sources: [upload], frame: { width: 640, height: 360 } })
    const planned = { sources: [minute], plan: planRender(aPlanContext(recipe, [minute])).preferred }
    const { files } = estimate(recipe, planned, { cores: 2 })
    expect(estimateScratchBytes(recipe, planned, { sends: false, maxBytes: GB })).toBe(files[0]?.bytes)
  })
})
