import { describe, expect, test } from '@jest/globals'
import { parseUploadRange } from './content-range.ts'

describe('an upload request', () => {
  test.each([
    [undefined, '100', { kind: 'whole', length: 100 }],
    [undefined, undefined, { kind: 'whole', length: undefined }],
    ['bytes 0-262143/*', '262144', { kind: 'chunk', start: 0, end: 262_143, total: undefined }],
    ['bytes 262144-262153/262154', '10', { kind: 'chunk', start: 262_144, end: 262_153, total: 262_154 }],
    ['bytes 0-99/100', undefined, { kind: 'chunk', start: 0, end: 99, total: 100 }],
    ['bytes */100', '0', { kind: 'status', total: 100 }],
    ['bytes */*', '0', { kind: 'status', total: undefined }],
  ])('with Content-Range %s and Content-Length %s is parsed', (range, length, expected) => {
    expect(parseUploadRange(range, length)).toEqual(expected)
  })

  test.each([
    ['a unit that is not bytes', 'items 0-9/10', '10'],
    ['no total', 'bytes 0-9', '10'],
    ['an end before the start', 'bytes 9-0/10', undefined],
    ['an end beyond the total', 'bytes 0-10/10', '11'],
    ['a body of another size', 'bytes 0-9/10', '9'],
    ['a chunk of another size before the last', 'bytes 0-9/20', '10'],
    ['a chunk of another size with an unknown total', 'bytes 0-9/*', '10'],
    ['an impossibly large number', `bytes 0-${'9'.repeat(20)}/*`, undefined],
    ['a negative start', 'bytes -5-9/10', undefined],
  ])('with %s is refused', (_, range, length) => {
    expect(() => parseUploadRange(range, length)).toThrow(
      expect.objectContaining({ code: 'request.malformed' }),
    )
  })
})
