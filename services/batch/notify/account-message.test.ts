import { expect, test } from '@jest/globals'
import { toAccountMailText } from './account-message.ts'

const publicUrl = 'https://cutroom.test'
const token = 'h0pXjVYlWkz3yT6oS9dQm1rE8uNcB5aLfGiK2vJxZ4w'

test('a verification has the link, and the same as a command', () => {
  const { subject, text } = toAccountMailText({ kind: 'verification', username: 'ada' }, { publicUrl, token })
  expect(subject).toBe('Cutroom: confirm your e-mail address')
  expect(text).toContain('the account "ada" at https://cutroom.test')
  expect(text).toContain(`\n  https://cutroom.test/auth/verify?token=${token}\n`)
  expect(text).toContain(
    `\n  curl -X POST https://cutroom.test/auth/verify -H 'Content-Type: application/json' -d '{"token":"${token}"}'\n`,
  )
})

test('a password reset has the link, and the same as a command', () => {
  const { text } = toAccountMailText({ kind: 'password_reset', username: 'ada' }, { publicUrl, token })
  expect(text).toContain(`\n  https://cutroom.test/auth/password-reset?token=${token}\n`)
  expect(text).toContain(`/auth/password-reset/confirm -H`)
})

test('an e-mail about an existing account has no token', () => {
  const { text } = toAccountMailText({ kind: 'existing_account', username: 'ada' }, { publicUrl })
  expect(text).toContain('No account was created.')
  expect(text).not.toContain('?token=')
})

test('a user name stays on its line', () => {
  const username = 'ada\r\n\r\nWin!'
  const { text } = toAccountMailText({ kind: 'verification', username }, { publicUrl, token })
  expect(text).toContain('the account "ada Win!" at')
})
