import { expect, test } from '@jest/globals'
import { COMMON_PASSWORDS, MOST_COMMON_PASSWORDS } from './common-passwords.ts'
import { passwordIssue } from './password-policy.ts'

const ada = { username: 'ada.lovelace', email: 'countess@analytical.example' }
const issue = (policy: 'compatible' | 'strict', password: string, owner = ada) =>
  passwordIssue(policy, password, owner)

test('the lists have 10,000 and 500 entries', () => {
  expect([COMMON_PASSWORDS.size, MOST_COMMON_PASSWORDS.size]).toEqual([10_000, 500])
  expect([...COMMON_PASSWORDS, ...MOST_COMMON_PASSWORDS].every((one) => one === one.toLowerCase())).toBe(true)
})

test.each(['Admin123', 'correct horse', 'ada.lovelace', 'Xk29vq!e', 'ÄÖÜäöüßß', ' a b c d '])(
  'the compatible policy takes %j',
  (password) => expect(issue('compatible', password)).toBeUndefined(),
)

test.each([
  ['seven77', 'at least 8'],
  ['ﬁﬁﬁ', 'at least 8'],
  ['        ', 'spaces'],
  ['\u3000'.repeat(9), 'spaces'],
  ['password', 'commonest'],
  ['PASSWORD', 'commonest'],
  ['12345678', 'commonest'],
])('the compatible policy refuses %j', (password, reason) => {
  expect(issue('compatible', password)).toContain(reason)
})

test.each([
  'correct horse battery',
  '!@#$%^&*()_+|}{:"',
  'für Elise spielt Anna',
  'ada.lovelace wrote the notes',
  '映画を毎週三本は必ず観ることにしている',
])('the strict policy takes %j', (password) => expect(issue('strict', password)).toBeUndefined())

test.each([
  ['fourteen chars', 'at least 15'],
  [' '.repeat(20), 'spaces'],
  ['123456789987654321', 'commonest'],
  ['1QAZ2wsx3edc4rfv', 'commonest'],
  ['passwordpassword', 'commonest'],
  ['aaaaaaaaaaaaaaaa', 'repeat'],
  ['xq7!xq7!xq7!xq7!', 'repeat'],
  ['countess@analytical.example', 'user name'],
  ['ada.lovelace-cutroom1', 'user name'],
  ['Cutroom Countess 2026', 'user name'],
])('the strict policy refuses %j', (password, reason) => {
  expect(issue('strict', password)).toContain(reason)
})

test('a user name of a few letters may be part of a longer password', () => {
  expect(
    issue('strict', 'canadian maple syrup', { username: 'ada', email: 'ada@example.org' }),
  ).toBeUndefined()
})
