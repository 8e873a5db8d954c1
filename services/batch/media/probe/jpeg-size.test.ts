import { expect, test } from '@jest/globals'
import { jpegSize } from './jpeg-size.ts'

const bytes = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex')
const HEAD = 'ffd8 ffe0 0004 0000'
const FRAME = 'ffc0 000b 08 0024 0040 01 011100'
const SCAN = 'ffda 0008 0101 0000 3f00 1234'
const END = 'ffd9'

test('the size of a JPEG is that of its frame', () => {
  expect(jpegSize(bytes(HEAD + FRAME + SCAN + END))).toEqual({ width: 64, height: 36 })
})

test.each([
  ['nothing', ''],
  ['something else', '89504e470d0a1a0a'],
  ['one that was cut off', HEAD + FRAME + SCAN],
  ['one without a frame', HEAD + SCAN + END],
  ['one that ends before its frame', HEAD + END],
])('%s has none', (_, hex) => {
  expect(jpegSize(bytes(hex))).toBeUndefined()
})
