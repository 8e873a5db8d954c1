import { expect, test } from '@jest/globals'
import { requestedRange } from './requested-range.ts'

test.each([
  ['bytes=2-4', { start: 2, end: 4 }],
  ['bytes=7-', { start: 7, end: 9 }],
  ['bytes=8-99999999999999999999', { start: 8, end: 9 }],
  ['bytes=-3', { start: 7, end: 9 }],
  ['bytes=-10', { start: 0, end: 9 }],
  ['bytes=-99999999', { start: 0, end: 9 }],
  ['Bytes= 0-0 ', { start: 0, end: 0 }],
])('of ten bytes, %s is a part', (header, range) => {
  expect(requestedRange(header, 10)).toEqual(range)
})

test.each([
  undefined,
  '',
  'bytes=',
  'bytes=-',
  'bytes=x',
  'bytes=4-2',
  'bytes=1-2,4-5',
  'seconds=1-2',
  'bytes=1--2',
])('of ten bytes, %s is the whole file', (header) => {
  expect(requestedRange(header, 10)).toBeUndefined()
})

test.each(['bytes=10-', 'bytes=10-20', 'bytes=-0'])('of ten bytes, %s is outside the file', (header) => {
  expect(requestedRange(header, 10)).toBe('unsatisfiable')
})

test('an empty file has no part', () => {
  expect(requestedRange('bytes=0-', 0)).toBe('unsatisfiable')
  expect(requestedRange('bytes=-5', 0)).toBe('unsatisfiable')
})
