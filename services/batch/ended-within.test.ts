import { expect, test } from '@jest/globals'
import { endedWithin } from './ended-within.ts'

const never = new Promise(() => {})

test('waits for work that ends, however it ends', async () => {
  expect(await endedWithin(Promise.resolve(), 60_000)).toBe(true)
  expect(await endedWithin(Promise.reject(new Error('failed')), 60_000)).toBe(true)
})

test('does not wait longer for work that does not', async () => {
  expect(await endedWithin(never, 0)).toBe(false)
})
