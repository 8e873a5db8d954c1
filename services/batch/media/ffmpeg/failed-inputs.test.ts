import { expect, test } from '@jest/globals'
import { audioChangeOf, failedSubject, withArticle } from './failed-inputs.ts'
import { interpretFailure } from './interpret-stderr.ts'

const film = { source: 'file:film.mp4' }
const logo = { source: 'file:logo.png', image: true as const }
const clip = { source: 'file:clip.mp4', bumper: true as const }

test.each([
  ['Error while decoding stream #2:0: Invalid data found when processing input', 'the bumper clip'],
  ['[vist#2:0/h264 @ 0x1] [dec:h264 @ 0x2] Decoding error: Invalid data found', 'the bumper clip'],
  ['[in#2/mov,mp4,m4a @ 0x1] Error during demuxing: Input/output error', 'the bumper clip'],
  ['file:clip.mp4: Invalid data found when processing input', 'the bumper clip'],
  ['Error while decoding stream #0:0: Invalid data found when processing input', 'the source'],
  ['[h264 @ 0x1] Invalid NAL unit size', 'a source or a bumper clip'],
])('%s is about %s', (line, subject) => {
  expect(withArticle(failedSubject([line], [film, logo, clip]))).toBe(subject)
})

test('without bumper clips, it is the source that failed', () => {
  expect(failedSubject(['moov atom not found'], [film, logo])).toBe('source')
})

test('a message names the bumper clip', () => {
  const lines = ['Error while decoding stream #1:0: Invalid data found when processing input']
  expect(interpretFailure({ exit: 'ffmpeg exited with code 1', lines, inputs: [film, clip] }).message).toBe(
    'The bumper clip is damaged and could not be decoded to the end (ffmpeg exited with code 1). Export or upload it again.',
  )
})

test.each([
  ['ffmpeg 5', '[graph_0_in_1_1 @ 0x1] Changing audio frame properties on the fly is not supported.'],
  ['ffmpeg 7', '[graph_-1_in_1:0 @ 0x1] Changing audio frame properties on the fly is not supported.'],
])('audio that changes is found by its input with %s', (_, line) => {
  const lines = ['[aac @ 0x1] something else', line, 'Error while filtering: Invalid argument']
  expect(audioChangeOf(lines, [film, clip])).toEqual({ source: 'file:clip.mp4' })
  const error = interpretFailure({ exit: 'ffmpeg exited with code 1', lines, inputs: [film, clip] })
  expect(error).toMatchObject({ code: 'media.failed', cause: { source: 'file:clip.mp4' } })
  expect(error.message).toBe(
    'The audio of the bumper clip changes its channels or sample rate on the way (ffmpeg exited with code 1). ' +
      'Convert it to one format first.',
  )
})
