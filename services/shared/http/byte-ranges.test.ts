import { expect, test } from '@jest/globals'
import { parseContentRange, parseRange } from './byte-ranges.ts'

test.each([
  ['bytes=0-', { start: 0, end: 99 }],
  ['bytes=10-19', { start: 10, end: 19 }],
  ['bytes=90-1000', { start: 90, end: 99 }],
  ['bytes=99-', { start: 99, end: 99 }],
  ['bytes=-10', { start: 90, end: 99 }],
  ['bytes=-1000', { start: 0, end: 99 }],
  ['bytes=100-', 'unsatisfiable'],
  ['bytes=-0', 'unsatisfiable'],
  [undefined, 'whole'],
  ['', 'whole'],
  ['bytes=-', 'whole'],
  ['bytes=5-2', 'whole'],
  ['bytes=0-1,5-6', 'whole'],
  ['items=0-1', 'whole'],
] as const)('Range: %s of 100 bytes requests %j', (header, requested) => {
  expect(parseRange(header, 100)).toEqual(requested)
})

test.each([
  ['bytes 0-9/100', { start: 0, end: 9, size: 100 }],
  ['bytes 0-9/*', { start: 0, end: 9 }],
  ['bytes */100', undefined],
  ['0-9/100', undefined],
  [undefined, undefined],
])('Content-Range: %s contains %j', (header, range) => {
  expect(parseContentRange(header)).toEqual(range)
})
