import { expect, test } from '@jest/globals'
import { securityTxt } from './security-txt.ts'

test('names the contact, and expires within a year', () => {
  const now = new Date('2026-11-27T15:00:00Z')
  expect(securityTxt('mailto:security@example.com', 'https://cutroom.test', now)).toBe(
    [
      'Contact: mailto:security@example.com',
      'Expires: 2027-05-26T00:00:00Z',
      'Preferred-Languages: en',
      'Canonical: https://cutroom.test/.well-known/security.txt',
      '',
    ].join('\n'),
  )
})
