import { expect, test } from '@jest/globals'
import { entityTag, namesTag } from './entity-tag.ts'

const tag = entityTag({ a: 1 })

test('a tag is that of the value', () => {
  expect(tag).toMatch(/^W\/"[\w-]{22}"$/)
  expect(entityTag({ a: 1 })).toBe(tag)
  expect(entityTag({ a: 2 })).not.toBe(tag)
})

test.each([
  [undefined, false],
  ['', false],
  ['"x"', false],
  ['*', true],
  [tag, true],
  [tag.slice(2), true],
  [`"x", ${tag} , W/"y"`, true],
])('the header %j names it: %s', (header, named) => {
  expect(namesTag(header, tag)).toBe(named)
})
