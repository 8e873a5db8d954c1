import { expect, test } from '@jest/globals'
import { quotaIssue } from './upload-quota.ts'

const quotas = { open: 2, uploads: 5, bytes: 1_000 }
const none = { open: 0, uploads: 0, bytes: 0 }

test.each([
  ['the first upload', none, { bytes: 0 }, undefined],
  [
    'one more open upload than allowed',
    { ...none, open: 2, uploads: 2 },
    { bytes: 0 },
    /2 uploads whose bytes/,
  ],
  ['one more upload than allowed', { ...none, uploads: 5 }, { bytes: 0 }, /limit|5 uploads/],
  ['bytes for an upload that exists', { open: 2, uploads: 5, bytes: 0 }, { id: 'a', bytes: 10 }, undefined],
  ['the last bytes', { ...none, bytes: 900 }, { id: 'a', bytes: 100 }, undefined],
  ['a byte too many', { ...none, bytes: 900 }, { id: 'a', bytes: 101 }, /1000 bytes/],
  ['another upload when all bytes are used', { ...none, bytes: 1_000 }, { bytes: 0 }, /1000 bytes/],
])('%s', (_, usage, addition, expected) => {
  const issue = quotaIssue(usage, addition, quotas)
  if (expected) expect(issue).toMatch(expected)
  else expect(issue).toBeUndefined()
})
