import { expect, test } from '@jest/globals'
import { tableOf } from './report.ts'
import { count, percentile } from './tally.ts'

test('the table has a line for each promise, whatever the figures hold', () => {
  const rows = [
    { name: 'a', promise: 'nothing is lost', figure: '0 of 10 lost', met: true, seconds: 12.4 },
    { name: 'b', promise: 'abort is quick', figure: 'a | b\n c', met: false, seconds: 3 },
  ]
  expect(tableOf(rows).split('\n')).toEqual([
    '| promise | figure | verdict | took |',
    '| --- | --- | --- | --- |',
    '| nothing is lost | 0 of 10 lost | met | 12 s |',
    '| abort is quick | a / b c | NOT MET | 3 s |',
  ])
})

test.each([
  [0.5, 50],
  [0.99, 99],
  [1, 100],
])('the %p share of one to a hundred is %i', (share, expected) => {
  const numbers = Array.from({ length: 100 }, (_, index) => 100 - index)
  expect(percentile(numbers, share)).toBe(expected)
})

test('one thing has no s', () => {
  expect([count(1, 'task'), count(0, 'task')]).toEqual(['1 task', '0 tasks'])
})
