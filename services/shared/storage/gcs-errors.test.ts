import { expect, test } from '@jest/globals'
import { CutroomError } from '../errors.ts'
import { asStorageError } from './gcs-errors.ts'

const known = { 404: 'storage.not_found', 412: 'storage.exists' } as const

test.each([
  ['a status as a number', { code: 404 }, 'storage.not_found'],
  ['a status as text', { code: '412' }, 'storage.exists'],
  ['a status next to an error code', { code: 'ERR_BAD_REQUEST', status: 412 }, 'storage.exists'],
  ['a status in a response', { response: { status: 404 } }, 'storage.not_found'],
  ['a server error', { code: 503 }, 'storage.unavailable'],
  ['too many requests', { code: 429 }, 'storage.unavailable'],
  ['a broken connection', { code: 'ECONNRESET', message: 'socket hang up' }, 'storage.unavailable'],
  ['a string', 'broken', 'storage.unavailable'],
])('%s is converted', (_, thrown, code) => {
  expect(asStorageError('read a', thrown, known)).toMatchObject({ code, cause: thrown })
})

test('a permission error says what to check', () => {
  expect(asStorageError('read a', { code: 403 }).message).toBe(
    'Could not read a (403). Check that the service account has access to the bucket.',
  )
})

test('a CutroomError is returned unchanged', () => {
  const error = new CutroomError('request.too_large', 'too large')
  expect(asStorageError('store a', error)).toBe(error)
})
