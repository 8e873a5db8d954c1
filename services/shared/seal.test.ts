import { randomBytes } from 'node:crypto'
import { expect, test } from '@jest/globals'
import { seal, unseal } from './seal.ts'

const TEXT = 'Bearer s3cret, été'
const oldKey = randomBytes(32)
const newKey = randomBytes(32)

test('what was sealed is unsealed with the same key and context, and does not contain the text', () => {
  const sealed = seal(TEXT, 'task 1', [newKey])
  expect(unseal(sealed, 'task 1', [newKey])).toBe(TEXT)
  expect(sealed.includes('s3cret')).toBe(false)
  expect(seal(TEXT, 'task 1', [newKey])).not.toEqual(sealed)
})

test('it is not unsealed in another context, with another key, without a key, or after a change', () => {
  const sealed = seal(TEXT, 'task 1', [newKey])
  expect(unseal(sealed, 'task 2', [newKey])).toBeUndefined()
  expect(unseal(sealed, 'task 1', [oldKey])).toBeUndefined()
  expect(unseal(sealed, 'task 1', [])).toBeUndefined()
  expect(unseal(Buffer.alloc(0), 'task 1', [newKey])).toBeUndefined()
  expect(unseal(sealed.subarray(0, 20), 'task 1', [newKey])).toBeUndefined()
  for (let index = 0; index < sealed.length; index++) {
    const changed = Buffer.from(sealed)
    changed[index] = (changed[index] ?? 0) ^ 1
    expect(unseal(changed, 'task 1', [newKey])).toBeUndefined()
  }
})

test('while a key is replaced, the first one seals and both unseal', () => {
  const keys = [newKey, oldKey]
  expect(unseal(seal(TEXT, 'task 1', [oldKey]), 'task 1', keys)).toBe(TEXT)
  const sealed = seal(TEXT, 'task 1', keys)
  expect(unseal(sealed, 'task 1', [newKey])).toBe(TEXT)
  expect(unseal(sealed, 'task 1', [oldKey])).toBeUndefined()
})

test('nothing is sealed without a key', () => {
  expect(() => seal(TEXT, 'task 1', [])).toThrow('no key')
})
