import { expect, test } from '@jest/globals'
import { TaskEvent } from '#shared/contract/task-event.ts'
import { toMailText, toTaskEvent } from './message.ts'
import { due, outputNamed } from './testing/fixtures.ts'

const error = {
  code: 'media.unreadable',
  message: 'Source 1 is not a video.',
  log_tail: 'moov atom not found',
}

test('a webhook body matches the contract and holds no storage keys', () => {
  const event = toTaskEvent(due())
  expect(TaskEvent.parse(event)).toEqual(event)
  expect(event).toEqual({
    type: 'task.succeeded',
    timestamp: '2026-11-21T12:00:00.000Z',
    data: {
      id: '22222222-2222-4222-8222-222222222222',
      status: 'succeeded',
      error: null,
      outputs: [{ name: 'output.mp4', content_type: 'video/mp4', bytes: 5, seconds: 20 }],
      finished_at: '2026-11-21T12:00:00.000Z',
    },
  })
})

test('a webhook body holds the metadata of the task', () => {
  expect(toTaskEvent(due({ metadata: { order: '17' } })).data.metadata).toEqual({ order: '17' })
})

test('a webhook body says why a task failed, without the output of ffmpeg', () => {
  const { type, data } = toTaskEvent(due({ status: 'failed', error, outputs: [] }))
  expect([type, data.error]).toEqual(['task.failed', { code: error.code, message: error.message }])
})

test('an e-mail names the task, its status and its outputs', () => {
  expect(toMailText(due(), 'https://cutroom.test')).toEqual({
    subject: 'Cutroom: task 22222222 succeeded',
    text: [
      'Hello ada,',
      '',
      'Your task 22222222-2222-4222-8222-222222222222 has succeeded.',
      '',
      'Outputs:',
      '  output.mp4',
      '',
      'https://cutroom.test/tasks/22222222-2222-4222-8222-222222222222',
      '',
    ].join('\n'),
  })
})

test('an e-mail says why a task failed', () => {
  const { subject, text } = toMailText(due({ status: 'failed', error, outputs: [] }), '')
  expect(subject).toBe('Cutroom: task 22222222 failed')
  expect(text).toContain('\nSource 1 is not a video. (media.unreadable)\n')
})

test('an e-mail about an abort says only that', () => {
  expect(toMailText(due({ status: 'aborted', outputs: [] }), '').text).toMatch(/ was aborted\.\n\n\/tasks/)
})

test('an e-mail lists 20 outputs and counts the others', () => {
  const outputs = Array.from({ length: 23 }, (_, index) => outputNamed(`part-${index}.mp4`))
  const { text } = toMailText(due({ outputs }), '')
  expect(text).toContain('  part-19.mp4\n  and 3 more\n')
})

test('user-chosen names stay on their line and out of the subject', () => {
  const name = 'a\r\nBcc: everyone@example.org\u2028.mp4'
  const { subject, text } = toMailText(due({ username: 'ada\r\n\r\nWin!', outputs: [outputNamed(name)] }), '')
  expect(subject).toBe('Cutroom: task 22222222 succeeded')
  expect(text).toContain('Hello ada Win!,\n')
  expect(text).toContain('  a Bcc: everyone@example.org .mp4\n')
})
