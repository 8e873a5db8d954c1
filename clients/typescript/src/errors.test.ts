import { expect, test } from '@jest/globals'
import { CutroomError, TaskFailedError } from './errors.ts'

test('the message says what happened, names each field once, and says what to do', () => {
  const errors = [
    { path: 'preset', message: 'unknown preset' },
    { path: 'recipe.output.crf', message: 'must be at most 51' },
  ]
  const { message } = new CutroomError('request.invalid', 'Invalid request: preset: unknown preset', {
    errors,
  })
  expect(message).toBe(
    'Invalid request: preset: unknown preset; recipe.output.crf: must be at most 51. ' +
      'Correct each field listed in `errors` and send the request again. [request.invalid]',
  )
})

test.each([
  ['request.rate_limited', 429, true],
  ['upload.quota_exceeded', 403, false],
  ['client.connection_failed', undefined, true],
  ['a.code_of_a_newer_service', 503, true],
  ['a.code_of_a_newer_service', 422, false],
])('%s with status %s: another attempt can help: %s', (code, status, retryable) => {
  expect(new CutroomError(code, 'It failed.', { status })).toMatchObject({ code, status, retryable })
})

test('a task that failed is an error with the code of the task', () => {
  const task = { id: '1', status: 'failed', error: { code: 'media.unreadable', message: 'No video.' } }
  const error = new TaskFailedError(task as never)
  expect(error).toMatchObject({
    name: 'TaskFailedError',
    code: 'media.unreadable',
    detail: 'No video.',
    task,
  })
  expect(error).toBeInstanceOf(CutroomError)
})
