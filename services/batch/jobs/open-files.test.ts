import { expect, test } from '@jest/globals'
import { Recipe } from '#shared/contract/recipe.ts'
import { CutroomError, type ErrorCode } from '#shared/errors.ts'
import { withSourcePerClip } from '../media/plan/clips.ts'
import type { OpenedSource, SourceOrigin } from '../sources/open-source.ts'
import { openFiles } from './open-files.ts'

const UPLOAD = '00000000-0000-4000-8000-000000000000'
const recipe = Recipe.parse({
  sources: [{ url: 'https://a.example/1' }, { upload_id: UPLOAD }, { url: 'https://a.example/2' }],
})

/** Opens the files of the recipe; `missing` are the keys of objects that cannot be opened, with why. */
async function open(
  options: Parameters<typeof openFiles>[4],
  missing: Record<string, ErrorCode> = {},
  wanted = recipe,
) {
  const opened: string[] = []
  const nameOf = (origin: SourceOrigin) => ('url' in origin ? origin.url : origin.key)
  const sources = {
    async open(origin: SourceOrigin) {
      const name = nameOf(origin)
      const code = missing[name]
      if (code) throw new CutroomError(code, 'as the test wants it')
      opened.push(name)
      return { input: { url: name }, close: async () => void opened.pop() } as unknown as OpenedSource
    },
  }
  const uploads = { find: async () => [{ id: UPLOAD, objectKey: 'uploads/1' }] as never }
  const { signal } = new AbortController()
  const files = await openFiles(
    { userId: 'ada', recipe: wanted },
    { sources, uploads },
    '/scratch',
    signal,
    options,
  )
  const count = opened.length
  await files[Symbol.asyncDispose]()
  return { opened: files.sources.map(({ url }) => url), leftOpen: opened, count }
}

const copies = [null, null, 'tasks/1/2-1/source-2']

test('a source of which a copy is stored is read from there', async () => {
  expect(await open({ copies })).toEqual({
    opened: ['https://a.example/1', 'uploads/1', 'tasks/1/2-1/source-2'],
    leftOpen: [],
    count: 3,
  })
})

test('a copy that was cleaned up is replaced by the original', async () => {
  const { opened } = await open({ copies }, { 'tasks/1/2-1/source-2': 'upload.missing' })
  expect(opened[2]).toBe('https://a.example/2')
})

test('a store that fails does not make a job fetch the original', async () => {
  const failing = open({ copies }, { 'tasks/1/2-1/source-2': 'storage.unavailable' })
  await expect(failing).rejects.toMatchObject({ code: 'storage.unavailable' })
})

test('only the sources that are wanted are opened', async () => {
  const { opened } = await open({ copies, only: [1] })
  expect(opened.map((url) => url.startsWith('file:'))).toEqual([true, false, true])
})

test('all clips are of one file, which is opened once', async () => {
  const clips = [{ end: 1 }, { start: 2, end: 3 }, { start: 5 }]
  const wanted = withSourcePerClip(Recipe.parse({ sources: [{ url: 'https://a.example/1' }], clips }))
  const expected = { opened: Array(3).fill('https://a.example/1'), count: 1 }
  expect(await open({}, {}, wanted)).toMatchObject(expected)
  expect(await open({ only: [1, 2] }, {}, wanted)).toMatchObject({ count: 1 })
})
