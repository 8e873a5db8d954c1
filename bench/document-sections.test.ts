import { expect, test } from '@jest/globals'
import { withSection } from './document-sections.ts'

const page = '# Benchmarks\n\nWords.\n\n## One\n\nold\n\n### Part\n\n## Two\n\nkept\n'

test('a section replaces its predecessor and leaves the others alone', () => {
  expect(withSection(page, '## One\n\nnew')).toBe(
    '# Benchmarks\n\nWords.\n\n## One\n\nnew\n\n## Two\n\nkept\n',
  )
})

test('a new section is appended', () => {
  expect(withSection(page, '## Three\n\nnew')).toBe(`${page}\n## Three\n\nnew\n`)
})
