import { expect, test } from '@jest/globals'
import { indexUnder, reordered } from './order.ts'

test('a member moves to another index, and not beyond the ends', () => {
  const list = ['a', 'b', 'c', 'd']
  expect(reordered(list, 'a', 2)).toEqual(['b', 'c', 'a', 'd'])
  expect(reordered(list, 'd', 0)).toEqual(['d', 'a', 'b', 'c'])
  expect(reordered(list, 'b', 9)).toEqual(['a', 'c', 'd', 'b'])
  expect(reordered(list, 'b', -1)).toEqual(['b', 'a', 'c', 'd'])
  expect(list).toEqual(['a', 'b', 'c', 'd'])
})

test('a dragged row belongs behind those whose middle it has passed', () => {
  const middles = [10, 30, 50]
  expect(indexUnder(5, middles, 1)).toBe(0)
  expect(indexUnder(29, middles, 1)).toBe(1)
  expect(indexUnder(51, middles, 0)).toBe(2)
  expect(indexUnder(51, middles, 2)).toBe(2)
})
