import { expect, test } from '@jest/globals'
import { isInMemory } from './read-machine.ts'

const TMPFS = 0x01021994
const EXT4 = 0xef53
const OVERLAY = 0x794c7630

test('files of tmpfs are in memory everywhere', () => {
  expect(isInMemory(TMPFS, false)).toBe(true)
  expect(isInMemory(TMPFS, true)).toBe(true)
})

test('on Cloud Run the rest is in memory too, except an ephemeral disk', () => {
  expect(isInMemory(OVERLAY, false)).toBe(false)
  expect(isInMemory(OVERLAY, true)).toBe(true)
  expect(isInMemory(EXT4, true)).toBe(false)
})
