import { expect, test } from '@jest/globals'
import { secondsLeft } from './seconds-left.ts'

test('the speed gives the time left', () => {
  expect(secondsLeft(50, 100, 10)).toBe(5)
  expect(secondsLeft(50, 100, undefined)).toBeUndefined()
  expect(secondsLeft(50, 100, 0)).toBeUndefined()
})
