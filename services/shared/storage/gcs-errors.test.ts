import { expect, test } from '@jest/globals'
import { CutroomError } from '../errors.ts'
import { asStorageError } from './gcs-errors.ts'

const known = { 404: 'storage.not_found', 412: 'storage.exists' } as const

test.each([
  ['a status as a number', { code: 404 }, 'storage.not_found'],
  ['a status as text', { code: '412' }, 'storage.exists'],
  ['a status beside a reason', { code: 'ERR_BAD_REQUEST', status: 412 }, 'storage.exists'],
  ['a status within a response', { response: { status: 404 } }, 'storage.not_found'],
  ['a status that means trouble', { code: 503 }, 'storage.unavailable'],
  ['too many requests', { code: 429 }, 'storage.unavailable'],
  ['a broken connection', { code: 'ECONNRESET', message: 'socket hang up' }, 'storage.unavailable'],
  ['text', 'broken', 'storage.unavailable'],
])('%s is read', (_, thrown, code) => {
  expect(asStorageError('read a', thrown, known)).toMatchObject({ code, cause: thrown })
})

test('a refusal says where to look', () => {
  expect(asStorageError('read a', { code: 403 }).message).toBe(
    'Could not read a (403). See that the service account may use the bucket.',
  )
})

test('an error of the product stays as it is', () => {
  const error = new CutroomError('request.too_large', 'too large')
  expect(asStorageError('store a', error)).toBe(error)
})
