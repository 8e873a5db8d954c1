import { describe, expect, test } from '@jest/globals'
import { encodePushEnvelope } from '#shared/contract/job-message.ts'
import { readPush } from './envelope.ts'

const jobId = '0b0f6f2e-5d0c-4a54-9a3e-0f6f2e5d0c4a'
const sealed = encodePushEnvelope(
  { job_id: jobId },
  { messageId: '7', publishedAt: new Date(0), subscription: 'projects/p/subscriptions/s', attempt: 2 },
)
const content = { jobId, messageId: '7', deliveryAttempt: 2 }
const base64 = (text: string) => Buffer.from(text).toString('base64')
const carrying = (data: string) => ({ message: { messageId: '7', data }, subscription: 's' })

describe('a push that names a job', () => {
  test('is read from parsed JSON', () => {
    expect(readPush(sealed)).toEqual(content)
  })

  test('is read from text', () => {
    expect(readPush(JSON.stringify(sealed))).toEqual(content)
  })

  test('is read from bytes', () => {
    expect(readPush(Buffer.from(JSON.stringify(sealed)))).toEqual(content)
  })

  test('may have unknown fields, as real pushes do', () => {
    const message = {
      ...sealed.message,
      message_id: '7',
      publish_time: 'x',
      orderingKey: 'k',
      attributes: {},
    }
    expect(readPush({ ...sealed, message, more: true })).toEqual(content)
  })

  test('need not have a delivery attempt', () => {
    const { deliveryAttempt: _, ...withoutAttempt } = sealed
    expect(readPush(withoutAttempt)).toEqual({ ...content, deliveryAttempt: undefined })
  })
})

describe('a push is unreadable', () => {
  test.each([
    ['without a body', undefined, 'body: invalid_type'],
    ['as an empty string', '', 'not JSON'],
    ['when it is not JSON', '{"message":', 'not JSON'],
    ['when it is JSON but not an object', [1, 2], 'body: invalid_type'],
    ['without a message', { subscription: 's' }, 'message: invalid_type'],
    ['without data', { message: { messageId: '7' }, subscription: 's' }, 'message.data: invalid_type'],
    ['when its data is not base64', carrying('%%%'), 'message.data: invalid_format'],
    ['when its data is not JSON', carrying(base64('text')), 'not JSON'],
    ['when its data names no job', carrying(base64('{"id":1}')), 'job_id: invalid_type'],
    ['when its job id is not a UUID', carrying(base64('{"job_id":"1 OR 1=1"}')), 'job_id: invalid_format'],
  ])('%s', (_, body, unreadable) => {
    expect(readPush(body)).toEqual({ unreadable })
  })
})
