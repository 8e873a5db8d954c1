import { expect, test } from '@jest/globals'
import { CreateTask } from '#shared/contract/tasks.ts'
import { CutroomError } from '#shared/errors.ts'
import { checkSources } from './check-sources.ts'

/** The fields that are refused. */
function refusedIn(request: object, allowHosts: string[] = []): string[] {
  try {
    checkSources(CreateTask.parse(request), { sources: { allowHosts, maxBytes: 1, readTimeoutMs: 1 } })
    return []
  } catch (error) {
    if (!(error instanceof CutroomError) || error.code !== 'source.refused') throw error
    return error.fields?.map(({ path }) => path) ?? []
  }
}

const inside = 'http://169.254.169.254/computeMetadata/v1/'
const outside = 'https://example.com/a.mp4'

test.each([
  inside,
  'http://127.0.0.1/a.mp4',
  'http://[::1]/a.mp4',
  'http://2130706433/a.mp4',
  'http://10.0.0.1/a.mp4',
  'http://me:secret@example.com/a.mp4',
  'http://example.com:25/a.mp4',
])('%s is refused before there is a task', (url) => {
  expect(refusedIn({ url })).toEqual(['url'])
})

test('every field that is refused is named, and no other', () => {
  expect(refusedIn({ url: outside })).toEqual([])
  expect(refusedIn({ sources: [{ url: outside }, { url: inside }] })).toEqual(['sources.1.url'])
  const recipe = { sources: [{ url: inside }, { url: outside }, { url: inside }] }
  expect(refusedIn({ recipe })).toEqual(['recipe.sources.0.url', 'recipe.sources.2.url'])
})

test('a host that is excused is taken', () => {
  expect(refusedIn({ url: 'http://127.0.0.1:9000/a.mp4' }, ['127.0.0.1:9000'])).toEqual([])
})
