import { describe, expect, test } from '@jest/globals'
import { errorCodeFromStderr, findUnsupportedFormat, interpretFailure } from './interpret-stderr.ts'

describe('meaningOf', () => {
  test.each([
    ['av_interleaved_write_frame(): No space left on device', 'media.disk_full', true],
    ['[h264 @ 0x1] Picture size 65535x65535 is invalid', 'media.limits', false],
    ['http://127.0.0.1:4000/x/: Input/output error', 'source.unavailable', true],
    ['file:/x/in.mp4: Invalid data found when processing input', 'media.damaged', false],
    ['Conversion failed!', 'media.failed', true],
  ])('%s means %s', (line, code, retry) => {
    const error = interpretFailure({ exit: 'exit 1', lines: ['something before', line] })
    expect(error).toMatchObject({ code, retry })
    expect(error.logTail).not.toContain('/x/')
  })
})

test.each([
  ["[cinepak @ 0x1] Codec (cinepak) not on whitelist 'h264,aac'", 'codec, cinepak,'],
  ["[hls @ 0x1] Format not on whitelist 'mov,avi'", 'container, hls,'],
  ["[svg_pipe @ 0x1] Format not on whitelist 'png_pipe'", 'container, svg,'],
  ['[hls @ 0x1] something else', undefined],
])('of %s, forbidden is the %s', (line, forbidden) => {
  expect(findUnsupportedFormat(['something before', line])).toBe(forbidden)
})

test('a picture that may not be read is refused for good, and named', () => {
  const error = interpretFailure({
    exit: 'exit 1',
    lines: ["[gif @ 0x1] Format not on whitelist 'png_pipe'"],
  })
  expect(error).toMatchObject({ code: 'media.unreadable', logTail: undefined })
  expect(error.message).toBe('A picture cannot be used: its container, gif, is not read here.')
})

test('a picture that is none is refused for good, and not taken for a damaged source', () => {
  const lines = ['http://127.0.0.1:4000/p: Invalid data found when processing input']
  const error = interpretFailure({
    exit: 'exit 1',
    lines,
    pictures: ['file:logo.png', 'http://127.0.0.1:4000/p'],
  })
  expect(error).toMatchObject({ code: 'media.unreadable', retry: false })
  expect(error.message).toBe('A picture cannot be used: it is damaged, or neither PNG, JPEG nor WebP.')
})

test.each([
  ['[mov,mp4 @ 0x1] stream 0, offset 0x1234: partial file', 'media.damaged'],
  ['[matroska @ 0x1] File ended prematurely at pos. 4096', 'media.damaged'],
  ['[h264 @ 0x1] Invalid NAL unit size', 'media.damaged'],
  ['file:x: Cannot allocate memory', 'media.limits'],
  ['[libx264 @ 0x1] some note of the encoder', undefined],
])('%s, from a run that ended well, stands for %s', (line, code) => {
  expect(errorCodeFromStderr([line])).toBe(code)
})
