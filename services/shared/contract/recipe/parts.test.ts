import { describe, expect, test } from '@jest/globals'
import { CreateTask } from '../create-task.ts'
import { Recipe } from '../recipe.ts'
import { resolveRecipe } from '../resolve-recipe.ts'

const url = 'https://example.com/a.mp4'
const issues = (more: object) =>
  Recipe.safeParse({ sources: [{ url }], ...more }).error?.issues.map(({ path }) => path.join('.')) ?? []
const trimOf = (trim: object) => Recipe.parse({ sources: [{ url, trim }] }).sources[0]?.trim

describe('a trim', () => {
  test.each([
    [{ end: 20 }, { start: 0, duration: 20, at_most: false }],
    [
      { start: '1:02.5', end: '00:01:30.500' },
      { start: 62.5, duration: 28, at_most: false },
    ],
    [
      { start: 0.1, end: 0.3, at_most: true },
      { start: 0.1, duration: 0.2, at_most: true },
    ],
    [
      { start: '2', duration: '0:03' },
      { start: 2, duration: 3, at_most: false },
    ],
  ])('%j keeps %j', (trim, expected) => {
    expect(trimOf(trim)).toEqual(expected)
  })

  test.each([
    ['ends where it starts', { start: 5, end: '0:05' }, ['sources.0.trim.end']],
    ['has an end and a duration', { end: 5, duration: 5 }, ['sources.0.trim.end']],
    ['has a time that is none', { start: '1:60' }, ['sources.0.trim.start']],
  ])('that %s is refused', (_, trim, paths) => {
    expect(issues({ sources: [{ url, trim }] })).toEqual(paths)
  })
})

test('times of parts, bumpers and thumbnails may be timecodes', () => {
  const parsed = Recipe.parse({
    sources: [{ url }],
    split: { every: '1:00' },
    bumper: { intro: { seconds: '0:02' } },
  })
  expect([parsed.split?.every, parsed.bumper?.intro?.seconds]).toEqual([60, 2])
  const { thumbnails } = Recipe.parse({ sources: [{ url }], thumbnails: { poster: { at: '0:01.5' } } })
  expect(thumbnails?.poster?.at).toBe(1.5)
})

test.each(['s3://bucket/a.mp4', 'gs://bucket/a.mp4'])(
  'the source %s is refused with what to do',
  (bucketUrl) => {
    const { error } = Recipe.safeParse({ sources: [{ url: bucketUrl }] })
    expect(error?.issues.map(({ message }) => message)).toContainEqual(expect.stringContaining('presigned'))
  },
)

describe('a split', () => {
  test.each([
    ['neither way', {}, ['split.every']],
    ['both ways', { every: 5, at: [5] }, ['split.every']],
    ['times that do not ascend', { at: [5, 3] }, ['split.at.1']],
    ['times that are too close', { at: [5, 5.05] }, ['split.at.1']],
    ['a time at the start', { at: [0] }, ['split.at.0']],
    ['no times', { at: [] }, ['split.at']],
  ])('%s is refused', (_, split, paths) => {
    expect(issues({ split })).toEqual(paths)
  })
})

describe('clips', () => {
  const clips = [{ start: '1:02', end: '1:20', name: 'opening' }, { start: 100 }]

  test('are ranges of a source, named or numbered', () => {
    expect(Recipe.parse({ sources: [{ url }], clips }).clips).toEqual([
      { start: 62, duration: 18, name: 'opening' },
      { start: 100 },
    ])
  })

  test('apply to a source beside the recipe', () => {
    const { recipe } = resolveRecipe(CreateTask.parse({ url, recipe: { clips } }))
    expect(recipe).toMatchObject({ sources: [{ url }], clips: [{ name: 'opening' }, {}] })
    expect(Recipe.parse(JSON.parse(JSON.stringify(recipe)))).toEqual(recipe)
  })

  test.each([
    ['with a split', { clips, split: { every: 5 } }, ['clips']],
    ['of two sources', { clips, sources: [{ url }, { url }] }, ['sources']],
    ['of a trimmed source', { clips, sources: [{ url, trim: { start: 1 } }] }, ['sources.0.trim']],
    ['with the same name', { clips: [{ name: 'a' }, { name: 'a' }] }, ['clips.1.name']],
    ['with the name of a numbered one', { clips: [{ name: 'clip-002' }, {}] }, ['clips.1.name']],
    ['as GIF', { clips, output: { format: 'gif' } }, ['clips']],
    ['of two outputs', { clips, outputs: [{}, { format: 'webm' }] }, ['clips']],
    ['with thumbnails', { clips, thumbnails: { poster: {} } }, ['thumbnails']],
    ['of a named output', { clips, output: { name: 'x' } }, ['clips']],
    ['that are none', { clips: [] }, ['clips']],
    ['that end before they start', { clips: [{ start: 3, end: 2 }] }, ['clips.0.end']],
    ['called by a path', { clips: [{ name: '../a' }] }, ['clips.0.name']],
  ])('%s are refused', (_, more, paths) => {
    expect(issues(more)).toEqual(paths)
  })

  test.each([
    ['two sources', [{ url }, { url }], 'sources'],
    ['a trimmed source', [{ url, trim: { duration: 5 } }], 'sources.0.trim'],
  ])('beside %s are refused', (_, sources, path) => {
    const { error } = CreateTask.safeParse({ sources, recipe: { clips } })
    expect(error?.issues.map((issue) => issue.path.join('.'))).toEqual([path])
  })
})
