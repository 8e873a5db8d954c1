import { describe, expect, test } from '@jest/globals'
import { Recipe } from '#shared/contract/recipe.ts'
import { type Choices, DEFAULT_CHOICES } from './choices.ts'
import { fromRecipe, withKept } from './from-recipe.ts'
import { taskBody } from './task-body.ts'

const sources = [{ url: 'https://example.com/a.mp4' }]
const parse = (recipe: object) => Recipe.parse({ sources, ...recipe })
const open = (recipe: object) => {
  const { sources: _, ...fields } = parse(recipe)
  return fromRecipe(fields)
}

describe('what the editor has made is opened as it was', () => {
  test.each<[string, Partial<Choices<never>>]>([
    ['nothing', {}],
    ['a format and a quality', { format: 'webm', quality: 'high' }],
    ['a codec', { codec: 'hevc' }],
    ['audio', { format: 'mp3', audioBitrate: 192 }],
    ['no audio', { audio: 'mute' }],
    ['a shape', { shape: '9:16', fit: 'blur' }],
    ['a custom shape', { shape: 'custom', width: 640, height: 360, fit: 'crop', upscale: true }],
    ['a colour', { shape: '1:1', background: '#1a2b3c' }],
    [
      'bumpers and parts',
      { intro: { kind: 'logo', seconds: 2 }, outro: { kind: 'logo', seconds: 1 }, split: 20 },
    ],
    ['a frame rate', { fps: 30 }],
  ])('%s', (_, more) => {
    const body = taskBody(sources, { ...DEFAULT_CHOICES, ...more })
    const { choices, kept } = open(body.recipe ?? {})
    expect(kept).toEqual({})
    expect(taskBody(sources, choices)).toEqual(body)
  })
})

describe('what it cannot show is kept, so that the recipe stays the same', () => {
  const upload_id = '7b0e1a52-9c39-4b8e-9f0a-0f8e5f0d7c11'
  test.each([
    ['thumbnails', { thumbnails: { poster: { at: 2 }, sprite: {} } }, ['thumbnails']],
    ['several outputs', { outputs: [{ format: 'mp4' }, { format: 'webm' }] }, ['outputs']],
    ['a watermark', { watermark: { image: { upload_id } } }, ['watermark']],
    ['a rate factor', { output: { crf: 20 } }, ['output']],
    ['an image as bumper', { bumper: { intro: { image: { upload_id }, seconds: 3 } } }, ['bumper']],
    ['times of parts', { split: { at: [3, 9] } }, ['split']],
    ['half a frame', { frame: { width: 640 } }, ['frame']],
    ['an unusual shape', { frame: { aspect: '21:9' } }, ['frame']],
  ])('%s', (_, more, fields) => {
    const { choices, kept } = open(more)
    expect(Object.keys(kept)).toEqual(fields)
    const { recipe = {} } = withKept(taskBody(sources, choices), kept)
    const { output = { format: 'mp4' }, ...others } = more as Record<string, unknown>
    expect(parse(recipe)).toEqual(parse({ ...others, ...(kept.outputs ? {} : { output }) }))
  })
})
