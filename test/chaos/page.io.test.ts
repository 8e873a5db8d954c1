import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { withLatestRun } from './page.ts'

test('the table of a run replaces the one before it, and nothing else', () => {
  const page = 'above\n<!-- latest full run -->\n\nold\n\n<!-- end of the latest full run -->\nbelow\n'
  const expected = 'above\n<!-- latest full run -->\n\nnew\n\n<!-- end of the latest full run -->\nbelow\n'
  expect(withLatestRun(page, 'new')).toBe(expected)
  expect(withLatestRun(withLatestRun(page, 'newer'), 'new')).toBe(expected)
})

test.each(['reliability', 'compatibility'])('docs/%s.md has the markers for the table', async (name) => {
  const page = await readFile(join(import.meta.dirname, `../../docs/${name}.md`), 'utf8')
  expect(withLatestRun(page, '| a table |')).toContain('| a table |')
})

test('a page without marks is left alone, loudly', () => {
  expect(() => withLatestRun('above', 'new')).toThrow('has no')
})
