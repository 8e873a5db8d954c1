import { expect, test } from '@jest/globals'
import { createByteReader } from './byte-reader.ts'

async function* chunks(...texts: string[]) {
  for (const text of texts) yield new TextEncoder().encode(text)
}

test('takes and skips bytes however they arrive', async () => {
  const reader = createByteReader(chunks('ab', '', 'cdefg', 'h', 'ijk'))
  expect(String(await reader.take(3))).toBe('abc')
  expect(await reader.skip(2)).toBe(2)
  expect(await reader.skip(3)).toBe(3)
  expect(String(await reader.take(0))).toBe('')
  expect(String(await reader.take(2))).toBe('ij')
})

test('at the end there are fewer bytes than asked for', async () => {
  expect(await createByteReader(chunks('ab', 'c')).take(4)).toBeUndefined()
  expect(await createByteReader(chunks('ab', 'c')).skip(4)).toBe(3)
})

test('reads no more than it is asked for, and ends the reading', async () => {
  let read = 0
  let ended = false
  async function* counted() {
    try {
      for (;;) yield Buffer.of(read++)
    } finally {
      ended = true
    }
  }
  const reader = createByteReader(counted())
  await reader.take(2)
  expect(read).toBe(2)
  await reader.close()
  expect(ended).toBe(true)
})
