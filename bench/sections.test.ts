import { expect, test } from '@jest/globals'
import { withSection } from './sections.ts'

const page = '# Benchmarks\n\nWords.\n\n## One\n\nold\n\n### Part\n\n## Two\n\nkept\n'

test('a section takes the place of its predecessor and leaves the others alone', () => {
  expect(withSection(page, '## One\n\nnew')).toBe(
    '# Benchmarks\n\nWords.\n\n## One\n\nnew\n\n## Two\n\nkept\n',
  )
})

test('a section that was not there comes last', () => {
  expect(withSection(page, '## Three\n\nnew')).toBe(`${page}\n## Three\n\nnew\n`)
})
