import { expect, test } from '@jest/globals'
import { jpegSize } from './jpeg-size.ts'

const bytes = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex')
const HEAD = 'ffd8 ffe0 0004 0000'
const FRAME = 'ffc0 000b 08 0024 0040 01 011100'
const SCAN = 'ffda 0008 0101 0000 3f00 1234'
const END = 'ffd9'

test('the size of a JPEG comes from its frame header', () => {
  expect(jpegSize(bytes(HEAD + FRAME + SCAN + END))).toEqual({ width: 64, height: 36 })
})

test.each([
  ['nothing', ''],
  ['another format', '89504e470d0a1a0a'],
  ['a truncated JPEG', HEAD + FRAME + SCAN],
  ['a JPEG without a frame', HEAD + SCAN + END],
  ['a JPEG that ends before its frame', HEAD + END],
])('%s has no size', (_, hex) => {
  expect(jpegSize(bytes(hex))).toBeUndefined()
})
