import { expect, test } from '@jest/globals'
import { Recipe } from '#shared/contract/recipe.ts'
import { CutroomError, type ErrorCode } from '#shared/errors.ts'
import type { OpenedSource, SourceOrigin } from '../sources/open-source.ts'
import { openFiles } from './open-files.ts'

const UPLOAD = '00000000-0000-4000-8000-000000000000'
const recipe = Recipe.parse({
  sources: [{ url: 'https://a.example/1' }, { upload_id: UPLOAD }, { url: 'https://a.example/2' }],
})

/** Opens the files of the recipe; `missing` are the keys of objects that cannot be opened, with why. */
async function open(options: Parameters<typeof openFiles>[4], missing: Record<string, ErrorCode> = {}) {
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
  const files = await openFiles({ userId: 'ada', recipe }, { sources, uploads }, '/scratch', signal, options)
  await files[Symbol.asyncDispose]()
  return { opened: files.sources.map(({ url }) => url), leftOpen: opened }
}

const copies = [null, null, 'tasks/1/2-1/source-2']

test('a source of which a copy is stored is read from there', async () => {
  expect(await open({ copies })).toEqual({
    opened: ['https://a.example/1', 'uploads/1', 'tasks/1/2-1/source-2'],
    leftOpen: [],
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
