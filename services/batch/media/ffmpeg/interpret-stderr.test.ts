import { describe, expect, test } from '@jest/globals'
import { errorCodeFromStderr, findUnsupportedFormat, interpretFailure } from './interpret-stderr.ts'

const exit = 'ffmpeg exited with code 1'

describe('interpretFailure', () => {
  test.each([
    ['av_interleaved_write_frame(): No space left on device', 'media.disk_full', true],
    ['[h264 @ 0x1] Picture size 65535x65535 is invalid', 'media.limits', false],
    ['[h264 @ 0x1] get_buffer() failed', 'media.limits', false],
    [
      '[SWR @ 0x1] Rematrix is needed between 9 channels and stereo but there is not enough information to do it',
      'media.unreadable',
      false,
    ],
    ['http://127.0.0.1:4000/x/: Input/output error', 'source.unavailable', true],
    ['[in#0/mov,mp4 @ 0x1] Error during demuxing: Input/output error', 'source.unavailable', true],
    ['file:/x/in.mp4: Invalid data found when processing input', 'media.damaged', false],
    ['Conversion failed!', 'media.failed', true],
  ])('%s means %s', (line, code, retry) => {
    const error = interpretFailure({ exit, lines: ['something before', line] })
    expect(error).toMatchObject({ code, retry })
    expect(error.logTail).not.toContain('/x/')
  })

  test('says how ffmpeg ended, and what to do where the owner can do something', () => {
    expect(interpretFailure({ exit, lines: ['moov atom not found'] }).message).toBe(
      'The source is damaged and could not be decoded to the end (ffmpeg exited with code 1). Export or upload it again.',
    )
    expect(interpretFailure({ exit, lines: ['Conversion failed!'] }).message).toBe(
      'Processing failed (ffmpeg exited with code 1).',
    )
  })

  test('a stream of which ffmpeg could decode hardly anything is damaged for good', () => {
    const lines = ['Error while decoding stream #0:1: Invalid argument', 'Conversion failed!']
    const error = interpretFailure({ exit: 'ffmpeg exited with code 69', lines })
    expect(error).toMatchObject({ code: 'media.damaged', retry: false })
    expect(error.message).toContain('Most of a stream of the source could not be decoded')
  })

  test.each(['ffmpeg was killed with signal SIGXFSZ', 'ffmpeg exited with code 153'])(
    'a file beyond the scratch space of a job is beyond the limits: %s',
    (exit) => {
      const error = interpretFailure({ exit, lines: [] })
      expect(error).toMatchObject({ code: 'media.limits', retry: false })
      expect(error.message).toContain('scratch space')
    },
  )
})

test.each([
  ["[cinepak @ 0x1] Codec (cinepak) not on whitelist 'h264,aac'", 'codec cinepak'],
  ["[hls @ 0x1] Format not on whitelist 'mov,avi'", 'container hls'],
  ["[svg_pipe @ 0x1] Format not on whitelist 'png_pipe'", 'container svg'],
  ['Not detecting m3u8/hls with non standard extension and non standard mime type', 'container hls'],
  ['[hls @ 0x1] something else', undefined],
])('%s reports as unsupported: %s', (line, unsupported) => {
  expect(findUnsupportedFormat(['something before', line])).toBe(unsupported)
})

test('an image in an unsupported format is refused for good, and its format is named', () => {
  const error = interpretFailure({ exit, lines: ["[gif @ 0x1] Format not on whitelist 'png_pipe'"] })
  expect(error).toMatchObject({ code: 'media.unreadable', logTail: undefined })
  expect(error.message).toBe(
    'Cannot use an image: the container gif is not supported. Use a valid PNG, JPEG or WebP file.',
  )
})

test('a track of a source that is not used is not taken for an image', () => {
  const line = "[wavpack @ 0x1] Codec (wavpack) not on whitelist 'h264,hevc,aac'"
  expect(interpretFailure({ exit, lines: [line, 'No space left on device'] }).code).toBe('media.disk_full')
  const ofImage = "[apng @ 0x1] Codec (apng) not on whitelist 'png,mjpeg,webp'"
  expect(interpretFailure({ exit, lines: [ofImage] }).message).toContain('the codec apng is not supported')
})

const film = { source: 'file:film.mp4' }
const logo = { source: 'http://127.0.0.1:4000/p', image: true as const }

test.each([
  ['Cannot determine format of input stream 1:0 after EOF', 'media.unreadable'],
  ['Error while decoding stream #1:0: Invalid data found when processing input', 'media.unreadable'],
  ['[vist#1:0/webp @ 0x1] Decoding error: Invalid data found when processing input', 'media.unreadable'],
  ['Cannot determine format of input stream 0:0 after EOF', 'media.damaged'],
  ['[vist#0:0/h264 @ 0x1] Decoding error: Invalid data found when processing input', 'media.damaged'],
])('%s is the fault of the input with that number', (line, code) => {
  expect(interpretFailure({ exit, lines: [line], inputs: [film, logo] })).toMatchObject({ code })
})

test.each([
  [
    'ffmpeg 5',
    ['[webp @ 0x1] image data not found', 'Cannot determine format of input stream 1:0 after EOF'],
    'or it is damaged',
  ],
  ['ffmpeg 9', ["[in#1 @ 0x1] Format not on whitelist 'png_pipe,jpeg_pipe'"], 'or has another format'],
])('an animated WebP is named, with %s', (_, lines, or) => {
  expect(interpretFailure({ exit, lines, inputs: [film, logo] })).toMatchObject({
    code: 'media.unreadable',
    message: `Cannot use an image: it is an animated WebP, which is not supported, ${or}. Use a valid PNG, JPEG or WebP file.`,
  })
})

test.each([
  ['ffmpeg 5', ['http://127.0.0.1:4000/p: Invalid data found when processing input']],
  [
    'ffmpeg 7',
    [
      '[in#1 @ 0x1] Error opening input: Invalid data found when processing input',
      'Error opening input file http://127.0.0.1:4000/p.',
      'Error opening input files: Invalid data found when processing input',
    ],
  ],
])('an invalid image is refused for good, and not reported as a damaged source, with %s', (_, lines) => {
  const error = interpretFailure({ exit, lines, inputs: [film, logo] })
  expect(error).toMatchObject({ code: 'media.unreadable', retry: false })
  expect(error.message).toBe(
    'Cannot use an image: it is damaged or has another format. Use a valid PNG, JPEG or WebP file.',
  )
})

test.each([
  ['[mov,mp4 @ 0x1] stream 0, offset 0x1234: partial file', 'media.damaged'],
  ['[matroska @ 0x1] File ended prematurely at pos. 4096', 'media.damaged'],
  [
    '[matroska,webm @ 0x1] 0x00 at pos 4096 (0x1000) invalid as first byte of an EBML number',
    'media.damaged',
  ],
  [
    '[matroska,webm @ 0x1] Element at 0x1000 ending at 0x9000 exceeds containing master element ending at 0x2000',
    'media.damaged',
  ],
  ['[h264 @ 0x1] Invalid NAL unit size', 'media.damaged'],
  ['file:x: Cannot allocate memory', 'media.limits'],
  ['[libx264 @ 0x1] a remark of the encoder', undefined],
])('%s, in the stderr of a run that exited with 0, stands for %s', (line, code) => {
  expect(errorCodeFromStderr([line])).toBe(code)
})
