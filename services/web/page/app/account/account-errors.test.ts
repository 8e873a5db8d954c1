import { expect, test } from '@jest/globals'
import { accountErrors } from './account-errors.ts'

const ada = { username: 'ada', email: 'ada@example.org', password: 'correct horse' }

test('a complete account has no errors', () => {
  expect(accountErrors(ada, true)).toEqual({})
  expect(accountErrors({ ...ada, username: '' }, false)).toEqual({})
})

test('each field names its own error', () => {
  expect(accountErrors({ username: '', email: '', password: '' }, true)).toEqual({
    username: 'field.required',
    email: 'field.required',
    password: 'field.required',
  })
  expect(accountErrors({ username: 'a b', email: 'ada', password: 'short' }, true)).toEqual({
    username: 'field.usernameShort',
    email: 'field.email',
    password: 'field.passwordShort',
  })
})

test('an old password may be shorter than new ones must be', () => {
  expect(accountErrors({ ...ada, password: 'short' }, false)).toEqual({})
})
