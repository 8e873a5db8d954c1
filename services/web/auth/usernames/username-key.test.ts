import { expect, test } from '@jest/globals'
import { usernameKey } from './username-key.ts'

test.each([
  ['admin', 'ADMIN', 'ａｄｍｉｎ', 'аdmin', 'adrnin', 'admln'],
  ['Zoë', 'zoë', 'Zoe\u0308', 'zоë'],
  ['ace', 'асе', 'АСЕ'],
  ['het', 'НЕТ', 'нет'],
  ['o0', 'OO', 'οо'],
  ['l1I', 'lll', '1іӏ'],
])('%s has the key of its look-alikes', (name, ...alike) => {
  expect(new Set([name, ...alike].map(usernameKey)).size).toBe(1)
})

test.each([
  ['ada', 'adb'],
  ['zoe', 'zoë'],
  ['user-1', 'user-2'],
  ['anna', 'hanna'],
])('%s and %s have different keys', (a, b) => {
  expect(usernameKey(a)).not.toBe(usernameKey(b))
})

test('a key is its own key', () => {
  for (const name of ['modem', 'Привет', 'ελληνικά', '김철수', 'œuvre', 'پژوهش']) {
    expect(usernameKey(usernameKey(name))).toBe(usernameKey(name))
  }
})
