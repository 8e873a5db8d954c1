import { expect, test } from '@jest/globals'
import { nestedQuery } from './nested-query.ts'

test('keys in brackets become an object, and everything else stays as it is', () => {
  const query = { max: '4', 'metadata[order]': '17', 'metadata[a b]': '', 'x[y': '1', 'a[b][c]': '2' }
  expect(nestedQuery(query)).toEqual({
    max: '4',
    metadata: { order: '17', 'a b': '' },
    'x[y': '1',
    'a[b][c]': '2',
  })
})

test('a parameter of that name without brackets is kept, so that it can be refused', () => {
  expect(nestedQuery({ 'metadata[a]': '1', metadata: 'x' })).toEqual({ metadata: 'x' })
})

test('a name like that of a prototype is a name like any other', () => {
  const query = nestedQuery({ '__proto__[polluted]': '1', 'metadata[__proto__]': '1' })
  expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  expect(Object.getPrototypeOf(query)).toBe(Object.prototype)
  expect(Object.keys(query.metadata as object)).toEqual(['__proto__'])
})

test('parameters that are no objects stay as they are', () => {
  const query = { 'max[]': '3', 'max[a]': '4', 'metadata[a]': '1' }
  expect(nestedQuery(query, (name) => name === 'metadata')).toEqual({
    'max[]': '3',
    'max[a]': '4',
    metadata: { a: '1' },
  })
})
