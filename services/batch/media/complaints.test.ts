import { describe, expect, test } from '@jest/globals'
import { codeWithin, meaningOf } from './complaints.ts'

describe('meaningOf', () => {
  test.each([
    ['av_interleaved_write_frame(): No space left on device', 'media.disk_full', true],
    ['[h264 @ 0x1] Picture size 65535x65535 is invalid', 'media.limits', false],
    ['http://127.0.0.1:4000/x/: Input/output error', 'source.unavailable', true],
    ['file:/x/in.mp4: Invalid data found when processing input', 'media.damaged', false],
    ['Conversion failed!', 'media.failed', true],
  ])('%s means %s', (line, code, retry) => {
    const error = meaningOf({ exit: 'exit 1', lines: ['something before', line] })
    expect(error).toMatchObject({ code, retry })
    expect(error.said).not.toContain('/x/')
  })
})

test.each([
  ['[mov,mp4 @ 0x1] stream 0, offset 0x1234: partial file', 'media.damaged'],
  ['[matroska @ 0x1] File ended prematurely at pos. 4096', 'media.damaged'],
  ['[h264 @ 0x1] Invalid NAL unit size', 'media.damaged'],
  ['file:x: Cannot allocate memory', 'media.limits'],
  ['[libx264 @ 0x1] some note of the encoder', undefined],
])('%s, from a run that ended well, stands for %s', (line, code) => {
  expect(codeWithin([line])).toBe(code)
})
