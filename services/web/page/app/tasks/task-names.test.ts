import { expect, test } from '@jest/globals'
import { joinedName, nameOfLinks, nameOfUrl } from './task-names.ts'

test.each([
  ['https://example.com/a%20b.mp4?x=1', 'a b.mp4'],
  ['https://example.com/', 'example.com'],
  ['https://example.com/100%.mp4', '100%.mp4'],
])('%s is called %s', (url, name) => {
  expect(nameOfUrl(url)).toBe(name)
})

test('several sources are called by the first', () => {
  expect(joinedName(['a.mp4'])).toBe('a.mp4')
  expect(joinedName(['a.mp4', 'b.mp4', 'c.mp4'])).toBe('a.mp4 + 2')
})

test('a recipe of links is called by them, one of uploads is not', () => {
  const named = (...sources: object[]) =>
    nameOfLinks({ recipe: { sources } } as Parameters<typeof nameOfLinks>[0])
  expect(named({ url: 'https://example.com/a.mp4' }, { upload_id: 'x' })).toBe('a.mp4 + 1')
  expect(named({ upload_id: 'x' })).toBeUndefined()
})
