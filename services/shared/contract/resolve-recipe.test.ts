import { describe, expect, test } from '@jest/globals'
import { CreateTask, CreateTaskFields } from './create-task.ts'
import { resolveRecipe } from './resolve-recipe.ts'

const url = 'https://example.com/a.mp4'
const upload_id = '3a1c9d9e-2f52-4f43-9a8c-1a1de2a40e01'
const resolve = (body: object) => resolveRecipe(CreateTask.parse(body))
const paths = (schema: typeof CreateTask | typeof CreateTaskFields, value: object) =>
  schema.safeParse(value).error?.issues.map(({ path }) => path.join('.')) ?? []

describe('a preset', () => {
  test('is reel unless the request names another', () => {
    const { preset, recipe } = resolve({ url })
    expect(preset).toBe('reel')
    expect(recipe.sources).toEqual([{ url, trim: { start: 0, duration: 18, at_most: true } }])
  })

  test('applies to all sources, each with its own trim if it has one', () => {
    const sources = [{ url }, { upload_id, trim: { start: 3, duration: 4 } }]
    const { preset, recipe } = resolve({ preset: 'mp3', sources })
    expect(preset).toBe('mp3')
    expect(recipe.sources).toEqual([{ url }, { upload_id, trim: { start: 3, duration: 4, at_most: false } }])
    expect(recipe.output).toMatchObject({ format: 'mp3', audio_bitrate: 192 })
  })
})

describe('a recipe', () => {
  const edit = { audio: 'mute', frame: { width: 640 }, output: { format: 'webm' } }

  test('with sources of its own is used as it is', () => {
    const recipe = { ...edit, sources: [{ url, trim: { start: 1 } }] }
    expect(resolve({ recipe })).toEqual({ preset: null, recipe: CreateTask.parse({ recipe }).recipe })
  })

  test.each([
    ['a url', { url }, [{ url }]],
    ['an upload', { upload_id }, [{ upload_id }]],
    [
      'several sources, each with its own trim',
      { sources: [{ url, trim: { duration: 2 } }, { upload_id }] },
      [{ url, trim: { start: 0, duration: 2, at_most: false } }, { upload_id }],
    ],
  ])('without sources applies to %s beside it', (_, beside, sources) => {
    const { preset, recipe } = resolve({ ...beside, recipe: edit })
    expect(preset).toBeNull()
    expect(recipe).toMatchObject({ ...edit, sources })
    expect(recipe.sources).toEqual(sources)
  })
})

describe('a request', () => {
  const withSources = { sources: [{ url }] }

  test.each([
    ['no source', {}, ['url']],
    ['no source and a recipe', { recipe: {} }, ['recipe.sources']],
    ['no source and a preset', { preset: 'mp3' }, ['url']],
    ['two sources beside a recipe without any', { url, upload_id, recipe: {} }, ['url']],
    ['an upload beside a recipe with sources', { upload_id, recipe: withSources }, ['upload_id']],
    ['sources beside a recipe with sources', { ...withSources, recipe: withSources }, ['sources']],
    ['an empty list of sources in its recipe', { recipe: { sources: [] } }, ['recipe.sources']],
    ['a preset and a recipe', { url, preset: 'mp3', recipe: {} }, ['preset']],
    [
      'a wrong field in a recipe without sources',
      { url, recipe: { output: { crf: 52 } } },
      ['recipe.output.crf'],
    ],
  ])('with %s is rejected, naming the field', (_, body, expected) => {
    expect(paths(CreateTask, body)).toEqual(expected)
  })
})

describe('form fields', () => {
  test('hold the recipe and the notifications as JSON', () => {
    const fields = { recipe: '{"output":{"format":"gif"}}', notify: '{"email":true}' }
    expect(CreateTaskFields.parse(fields)).toMatchObject({
      recipe: { audio: 'keep', output: { format: 'gif' } },
      notify: { email: true },
    })
    expect(CreateTaskFields.parse({})).toEqual({})
  })

  test('are a complete request together with an upload', () => {
    const fields = CreateTaskFields.parse({ recipe: '{"audio":"mute"}' })
    const { recipe } = resolveRecipe({ upload_id, ...fields })
    expect(recipe).toEqual({ audio: 'mute', sources: [{ upload_id }] })
  })

  test.each([
    ['text that is not JSON', { recipe: '{"output":' }, ['recipe']],
    ['notifications that are not JSON', { notify: 'me' }, ['notify']],
    ['JSON that is not a recipe', { recipe: '"reel"' }, ['recipe']],
    ['a wrong field in the recipe', { recipe: '{"output":{"crf":52}}' }, ['recipe.output.crf']],
    ['a recipe with sources', { recipe: JSON.stringify({ sources: [{ url }] }) }, ['recipe.sources']],
    ['a preset and a recipe', { preset: 'mp3', recipe: '{}' }, ['preset']],
    ['an unknown preset', { preset: 'bytes' }, ['preset']],
    ['an unknown field', { owner: 'ada' }, ['']],
  ])('with %s are rejected, naming the field', (_, fields, expected) => {
    expect(paths(CreateTaskFields, fields)).toEqual(expected)
  })
})
