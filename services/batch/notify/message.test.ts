import { expect, test } from '@jest/globals'
import { TaskEvent } from '#shared/contract/task-event.ts'
import { eventOf, mailOf } from './message.ts'
import { due, outputNamed } from './testing/fixtures.ts'

const error = { code: 'media.unreadable', message: 'Source 1 is no video.', said: 'moov atom not found' }

test('a webhook tells what the contract says, and not where files lie', () => {
  const event = eventOf(due())
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

test('a webhook tells why a task failed, in our words alone', () => {
  const { type, data } = eventOf(due({ status: 'failed', error, outputs: [] }))
  expect([type, data.error]).toEqual(['task.failed', { code: error.code, message: error.message }])
})

test('a mail names the task, its end and its outputs', () => {
  expect(mailOf(due(), 'https://cutroom.test')).toEqual({
    subject: 'Cutroom: task 22222222 succeeded',
    text: [
      'Hello ada,',
      '',
      'your task 22222222-2222-4222-8222-222222222222 has succeeded.',
      '',
      'It made:',
      '  output.mp4',
      '',
      'https://cutroom.test/tasks/22222222-2222-4222-8222-222222222222',
      '',
    ].join('\n'),
  })
})

test('a mail says why a task failed', () => {
  const { subject, text } = mailOf(due({ status: 'failed', error, outputs: [] }), '')
  expect(subject).toBe('Cutroom: task 22222222 failed')
  expect(text).toContain('\nSource 1 is no video. (media.unreadable)\n')
})

test('a mail about an abort says so, and no more', () => {
  expect(mailOf(due({ status: 'aborted', outputs: [] }), '').text).toMatch(/ was aborted\.\n\n\/tasks/)
})

test('a mail names 20 outputs, and counts the rest', () => {
  const outputs = Array.from({ length: 23 }, (_, index) => outputNamed(`part-${index}.mp4`))
  const { text } = mailOf(due({ outputs }), '')
  expect(text).toContain('  part-19.mp4\n  and 3 more\n')
})

test('what people named stays in its line, and out of the subject', () => {
  const name = 'a\r\nBcc: everyone@example.org\u2028.mp4'
  const { subject, text } = mailOf(due({ username: 'ada\r\n\r\nWin!', outputs: [outputNamed(name)] }), '')
  expect(subject).toBe('Cutroom: task 22222222 succeeded')
  expect(text).toContain('Hello ada Win!,\n')
  expect(text).toContain('  a Bcc: everyone@example.org .mp4\n')
})
