import { expect, test } from '@jest/globals'
import { type ConfigError, loadConfig } from './config.ts'

const least = {
  DATABASE_URL: 'postgresql://here',
  JWT_SECRET: 'a secret for tests alone: 0123456789 abcdef',
  PUSH_SECRET: 'another',
}

function faultsOf(env: Record<string, string>): string[] {
  try {
    loadConfig({ ...least, ...env })
    return []
  } catch (error) {
    return (error as ConfigError).issues
  }
}

test('a mail server without a sender is told of; a sender alone is what web is given', () => {
  expect(faultsOf({ SMTP_URL: 'smtp://mail.example.org' })).toEqual(['MAIL_FROM: needed with SMTP_URL'])
  expect(faultsOf({ MAIL_FROM: 'cutroom@example.org' })).toEqual([])
  expect(faultsOf({ SMTP_URL: 'smtp://mail.example.org', MAIL_FROM: 'cutroom@example.org' })).toEqual([])
})

test('a mail server is an smtp or smtps address, and a sender an e-mail address', () => {
  const faults = faultsOf({
    SMTP_URL: 'https://mail.example.org',
    MAIL_FROM: 'a@example.org\nBcc: b@example.org',
  })
  expect(faults.map((fault) => fault.split(':')[0]).sort()).toEqual(['MAIL_FROM', 'SMTP_URL'])
})

test('what is set to nothing is not set', () => {
  expect(loadConfig({ ...least, SMTP_URL: '', MAIL_FROM: '' }).mail).toEqual({})
})
