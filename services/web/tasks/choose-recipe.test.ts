import { expect, test } from '@jest/globals'
import { CreateTask } from '#shared/contract/tasks.ts'
import { chooseRecipe } from './choose-recipe.ts'

const url = 'https://example.com/a.mp4'
const upload_id = '3a1c9d9e-2f52-4f43-9a8c-1a1de2a40e01'
const choose = (body: object) => chooseRecipe(CreateTask.parse(body))

test('a source alone is made into a reel', () => {
  const { preset, recipe } = choose({ url })
  expect(preset).toBe('reel')
  expect(recipe).toMatchObject({
    sources: [{ url, trim: { start: 0, duration: 18, at_most: true } }],
    frame: { width: 640, height: 360, fit: 'pad', upscale: true },
    bumper: { intro: { seconds: 1 }, outro: { seconds: 1 } },
    output: { format: 'mp4' },
  })
  expect(choose({ upload_id }).recipe.sources).toEqual([
    { upload_id, trim: { start: 0, duration: 18, at_most: true } },
  ])
})

test('a preset is filled with the sources, each with its own trim where it has one', () => {
  const sources = [{ url }, { upload_id, trim: { start: 3, duration: 4 } }]
  const { preset, recipe } = choose({ preset: 'mp3', sources })
  expect(preset).toBe('mp3')
  expect(recipe.sources).toEqual([{ url }, { upload_id, trim: { start: 3, duration: 4, at_most: false } }])
  expect(recipe.output).toMatchObject({ format: 'mp3', audio_bitrate: 192 })
})

test('a recipe is taken as it stands, and belongs to no preset', () => {
  const recipe = { sources: [{ url }], audio: 'mute', output: { format: 'webm' } }
  expect(choose({ recipe })).toEqual({ preset: null, recipe: CreateTask.parse({ recipe }).recipe })
})
