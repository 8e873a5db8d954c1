import { expect, test } from '@jest/globals'
import { parseContentRange, parseRange } from './byte-ranges.ts'

test.each([
  ['bytes=0-', { start: 0, end: 99 }],
  ['bytes=10-19', { start: 10, end: 19 }],
  ['bytes=90-1000', { start: 90, end: 99 }],
  ['bytes=99-', { start: 99, end: 99 }],
  ['bytes=-10', { start: 90, end: 99 }],
  ['bytes=-1000', { start: 0, end: 99 }],
  ['bytes=100-', 'not-in-file'],
  ['bytes=-0', 'not-in-file'],
  [undefined, 'all'],
  ['', 'all'],
  ['bytes=-', 'all'],
  ['bytes=5-2', 'all'],
  ['bytes=0-1,5-6', 'all'],
  ['items=0-1', 'all'],
] as const)('%s of 100 bytes asks for %j', (header, asked) => {
  expect(parseRange(header, 100)).toEqual(asked)
})

test.each([
  ['bytes 0-9/100', { start: 0, end: 9, bytes: 100 }],
  ['bytes 0-9/*', { start: 0, end: 9 }],
  ['bytes */100', undefined],
  ['0-9/100', undefined],
  [undefined, undefined],
])('Content-Range %s holds %j', (header, range) => {
  expect(parseContentRange(header)).toEqual(range)
})
