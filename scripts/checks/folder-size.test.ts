import { expect, test } from '@jest/globals'
import { crowded } from './folder-size.ts'

const files = (count: number, suffix = '.ts') =>
  Array.from({ length: count }, (_, index) => `services/web/f${index}${suffix}`)

test('a folder with more than 20 source files of its own is reported', () => {
  expect(crowded(files(21))).toEqual([['services/web', 21]])
})

test('tests and subfolders do not count', () => {
  expect(crowded([...files(20), ...files(9, '.test.ts'), 'services/web/auth/a.ts'])).toEqual([])
})
