import { expect, test } from '@jest/globals'
import { toClock, toRange, toSeconds } from './times.ts'

test.each([
  ['80', 80],
  ['1:20', 80],
  ['1:20.5', 80.5],
  ['01:00:05', 3605],
  ['0.1', 0.1],
])('%s is %d seconds', (text, seconds) => {
  expect(toSeconds(text)).toBe(seconds)
})

test.each([
  ['1:02-1:20', { start: 62, duration: 18 }],
  ['1:02-', { start: 62 }],
  ['-0:10', { start: 0, duration: 10 }],
  ['0.1-0.3', { start: 0.1, duration: 0.2 }],
])('%s is the range %j', (text, range) => {
  expect(toRange(text)).toEqual(range)
})

test.each(['', '-', '5', '1-2-3', '20-10', '5-5', 'a-b', '1:2:3:4-'])('%j is no range', (text) => {
  expect(() => toRange(text)).toThrow(expect.objectContaining({ name: 'UsageError' }))
})

test('times are shown as people write them', () => {
  expect([5, 62, 3605].map(toClock)).toEqual(['0:05', '1:02', '1:00:05'])
})
