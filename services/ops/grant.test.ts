import { expect, test } from '@jest/globals'
import { readUser } from './grant.ts'

test('a user is named with its role', () => {
  expect(readUser('batch=cutroom-batch@clips.iam')).toEqual({
    user: 'cutroom-batch@clips.iam',
    role: 'batch',
  })
  expect(readUser('web=a=b')).toEqual({ user: 'a=b', role: 'web' })
})

test('a user without a role can do what every service does, as before there were roles', () => {
  expect(readUser('cutroom@clips.iam')).toEqual({ user: 'cutroom@clips.iam', role: 'web' })
})
