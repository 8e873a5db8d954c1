import { expect, test } from '@jest/globals'
import { type PushOutcome, replyStatus } from './reply.ts'

test.each<PushOutcome>(['done', 'failed', 'finished', 'duplicate', 'unknown', 'unreadable', 'queued'])(
  '%s acknowledges the push with 204',
  (outcome) => {
    expect(replyStatus(outcome)).toBe(204)
  },
)

test('busy is 429, so that the queue slows down', () => {
  expect(replyStatus('busy')).toBe(429)
})

test.each<PushOutcome>(['no_free_space', 'retry', 'stopping'])(
  '%s is 503, so that the queue pushes again',
  (outcome) => {
    expect(replyStatus(outcome)).toBe(503)
  },
)
