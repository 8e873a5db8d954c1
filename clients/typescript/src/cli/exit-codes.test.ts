import { expect, test } from '@jest/globals'
import { CutroomError, TaskFailedError } from '../errors.ts'
import { exitCodeOf, UsageError } from './exit-codes.ts'

test.each([
  ['auth.required', 401, 3],
  ['auth.scope_missing', 403, 3],
  ['request.invalid', 422, 4],
  ['client.input_invalid', undefined, 4],
  ['task.not_found', 404, 5],
  ['request.rate_limited', 429, 6],
  ['upload.quota_exceeded', 403, 6],
  ['storage.full', 507, 7],
  ['upload.link_invalid', 403, 4],
  ['client.delivery_failed', undefined, 7],
  ['client.connection_failed', undefined, 7],
  ['client.reply_unexpected', 404, 7],
  ['client.reply_unexpected', 403, 7],
])('%s ends with %s → %d', (code, status, exitCode) => {
  expect(exitCodeOf(new CutroomError(code, 'It failed.', { status }))).toBe(exitCode)
})

test('how a task ended is the exit code, and so is wrong usage', () => {
  const failed = { id: '1', error: { code: 'media.unreadable', message: 'No video.' } }
  expect(exitCodeOf(new TaskFailedError(failed as never))).toBe(8)
  expect(exitCodeOf(new TaskFailedError({ id: '1', error: null } as never))).toBe(9)
  expect(exitCodeOf(new UsageError('Give one task id.'))).toBe(2)
  expect(exitCodeOf(new Error('a bug'))).toBe(1)
})
