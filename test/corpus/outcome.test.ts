import { describe, expect, test } from '@jest/globals'
import type { Task } from '#shared/contract/tasks.ts'
import { errorDeviations, errorLine, resultLine, sourceDeviations } from './outcome.ts'

const failed = {
  status: 'failed',
  attempts: 5,
  error: { code: 'media.failed', message: 'It broke.' },
} as Task

describe('an error', () => {
  test('is right with its code, message and number of attempts', () => {
    expect(errorDeviations({ code: 'media.failed', message: /broke/, attempts: 5 }, failed)).toEqual([])
  })

  test('differs in code, message and number of attempts', () => {
    expect(errorDeviations({ code: 'media.damaged', message: /damaged/ }, failed)).toEqual([
      'media.failed instead of media.damaged: It broke.',
      'the message is: It broke.',
      '5 attempts instead of 1',
    ])
  })

  test('is missed where the task succeeded', () => {
    const task = { status: 'succeeded', error: null } as Task
    expect(errorDeviations({ code: 'media.damaged' }, task)).toEqual(['succeeded instead of media.damaged'])
  })

  test('is a line of the table', () => {
    expect(errorLine(failed)).toBe('`media.failed`, 5 attempts: It broke.')
  })
})

test('a source is compared by its duration and the codes of its warnings', () => {
  const source = { duration: 4, warnings: [{ code: 'timestamps_jump', message: '' }] }
  const task = { sources: [source] } as unknown as Task
  expect(sourceDeviations({ sourceSeconds: 4.1, warnings: ['timestamps_jump'] }, task)).toEqual([])
  expect(sourceDeviations({ sourceSeconds: 8, warnings: [] }, task)).toEqual([
    'the source lasts 4.00 s instead of 8',
    'warnings: timestamps_jump instead of none',
  ])
})

test('a file is a line of the table', () => {
  const frame = { at: 0, number: 0, lit: false }
  const video = { codec: 'h264', width: 320, height: 180, fps: 30_000 / 1001, seconds: 2 }
  expect(resultLine({ seconds: 2, video: { ...video, frames: [frame, frame] } })).toBe(
    '2.00 s, 320x180 h264, 2 frames, 29.97 fps',
  )
  expect(resultLine({ seconds: 0.04, video: { ...video, codec: 'mjpeg', frames: [frame] } })).toBe(
    '320x180 mjpeg, 1 image',
  )
  const audio = { codec: 'mp3', channels: 2, seconds: 4, beeps: [], peak: -6.02, level: -20 }
  expect(resultLine({ seconds: 4, audio })).toBe('4.00 s, mp3, 2 ch, peak -6.0 dBFS')
})
