import { expect, test } from '@jest/globals'
import { indicesOf, visibleRows } from './visible-rows.ts'

const rows = (top: number, count: number) => visibleRows({ top, rowHeight: 50, count }, 500)

test('at the top, the rows in sight and some after them', () => {
  expect(rows(100, 10_000)).toEqual({ first: 0, end: 16 })
})

test('in the middle of ten thousand, no more than of a hundred', () => {
  const { first, end } = rows(-250_000, 10_000)
  expect([first, end]).toEqual([4992, 5018])
})

test('never beyond the ends', () => {
  expect(rows(-10_000, 100)).toEqual({ first: 100, end: 100 })
  expect(rows(100, 3)).toEqual({ first: 0, end: 3 })
  expect(rows(100, 0)).toEqual({ first: 0, end: 0 })
})

test('the focused row stays', () => {
  expect(indicesOf({ first: 4, end: 7 }, 5)).toEqual([4, 5, 6])
  expect(indicesOf({ first: 4, end: 7 }, 1)).toEqual([1, 4, 5, 6])
  expect(indicesOf({ first: 4, end: 7 }, 9)).toEqual([4, 5, 6, 9])
  expect(indicesOf({ first: 4, end: 7 }, undefined)).toEqual([4, 5, 6])
})
