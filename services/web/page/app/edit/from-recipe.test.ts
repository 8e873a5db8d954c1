import { describe, expect, test } from '@jest/globals'
import { Recipe } from '#shared/contract/recipe.ts'
import { type Choices, DEFAULT_CHOICES, DEFAULT_OUTPUT } from './choices.ts'
import { fromRecipe, withKept } from './from-recipe.ts'
import { taskBody } from './task-body.ts'

const sources = [{ url: 'https://example.com/a.mp4' }]
const upload_id = '7b0e1a52-9c39-4b8e-9f0a-0f8e5f0d7c11'
const asset = { uploadId: { value: upload_id } }
const parse = (recipe: object) => Recipe.parse({ sources, ...recipe })
const open = (recipe: object) => {
  const { sources: _, ...fields } = parse(recipe)
  return fromRecipe(fields, (id) => ({ uploadId: { value: id } }))
}

describe('what the editor has made is opened as it was', () => {
  test.each<[string, Partial<Choices>]>([
    ['nothing', {}],
    ['a format and a quality', { format: 'webm', quality: 'high' }],
    ['a rate factor', { crf: 20 }],
    ['a bit rate', { bitrate: 2_500 }],
    ['a codec', { codec: 'hevc' }],
    ['audio', { format: 'mp3', audioBitrate: 192 }],
    ['no audio', { audio: 'mute' }],
    ['a shape', { shape: '9:16', fit: 'blur' }],
    ['a custom shape', { shape: 'custom', width: 640, height: 360, fit: 'crop', upscale: true }],
    ['a colour', { shape: '1:1', background: '#1a2b3c' }],
    ['a name, rate and channels', { name: 'talk', sampleRate: 44_100, channels: 2 }],
    ['a size', { shape: '9:16', size: 480 }],
    [
      'bumpers and parts',
      { intro: { kind: 'logo', seconds: 2 }, outro: { kind: 'logo', seconds: 1 }, split: 20 },
    ],
    [
      'uploads as bumpers',
      { intro: { kind: 'image', seconds: 2, asset }, outro: { kind: 'clip', seconds: 5, asset } },
    ],
    ['a watermark', { watermark: { image: asset, corner: 'top_left', margin: 8, opacity: 0.5, width: 0.2 } }],
    ['a frame rate', { fps: 30 }],
    [
      'several files',
      {
        more: [
          { ...DEFAULT_OUTPUT, size: 360 },
          { ...DEFAULT_OUTPUT, format: 'mp3' },
        ],
      },
    ],
    ['thumbnails', { thumbnails: { poster: { at: 2, width: 640 }, stills: { count: 4, width: 320 } } }],
  ])('%s', (_, more) => {
    const body = taskBody(sources, { ...DEFAULT_CHOICES, ...more })
    const { choices, kept } = open(body.recipe ?? {})
    expect(kept).toEqual({})
    expect(taskBody(sources, choices)).toEqual(body)
  })
})

describe('so is what other clients have made', () => {
  test.each<[string, object, object?]>([
    ['thumbnails', { thumbnails: { poster: { at: 2 }, sprite: {} } }],
    ['several outputs', { outputs: [{ format: 'mp4' }, { format: 'webm' }] }],
    ['names of outputs', { outputs: [{ name: 'large' }, { name: 'small', width: 1280 }] }],
    ['a single one of several', { outputs: [{ format: 'webm' }] }, { output: { format: 'webm' } }],
    ['rate and channels of the audio', { output: { name: 'talk', sample_rate: 32_000, channels: 1 } }],
    ['stereo in one of several', { outputs: [{}, { format: 'mp3', channels: 2 }] }],
    ['a watermark', { watermark: { image: { upload_id } } }],
    ['an image as bumper', { bumper: { intro: { image: { upload_id }, seconds: 3 } } }],
  ])('%s', (_, more, same = more) => {
    const { choices, kept } = open(more)
    expect(kept).toEqual({})
    const output = 'outputs' in same ? {} : { output: { format: 'mp4' } }
    expect(parse(taskBody(sources, choices).recipe ?? {})).toEqual(parse({ ...output, ...same }))
  })
})

describe('what it cannot show is kept, so that the recipe stays the same', () => {
  test.each([
    ['a width of its own', { output: { crf: 20, sample_rate: 48_000, width: 500 } }, ['output']],
    [
      'a width of one of several',
      { outputs: [{}, { format: 'webm', sample_rate: 48_000, width: 500 }] },
      ['outputs'],
    ],
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

  test('in place of files that are chosen later', () => {
    const { choices, kept } = open({ output: { sample_rate: 48_000, width: 500 } })
    const body = taskBody(sources, { ...choices, more: [DEFAULT_OUTPUT] })
    const output = { format: 'mp4', sample_rate: 48_000, width: 500 }
    expect(withKept(body, kept).recipe).toEqual({ sources, output })
  })
})
