import { expect, test } from '@jest/globals'
import { createMessageReader, isCommit, isNotification } from './postgres-messages.ts'

function message(type: string, body: string): Buffer {
  const bytes = Buffer.from(body, 'latin1')
  const head = Buffer.alloc(5)
  head.write(type, 'latin1')
  head.writeInt32BE(bytes.length + 4, 1)
  return Buffer.concat([head, bytes])
}

const stream = Buffer.concat([
  message('C', 'BEGIN\0'),
  message('A', '\0\0\0\x01channel\0payload\0'),
  message('C', 'COMMIT\0'),
  message('Z', 'I'),
])

test.each([1, 2, 5, 7, 1000])('messages are whole, however they arrive: %i bytes at a time', (size) => {
  const read = createMessageReader()
  const messages = []
  for (let at = 0; at < stream.length; at += size) messages.push(...read(stream.subarray(at, at + size)))
  expect(messages.map(({ type }) => type).join('')).toBe('CACZ')
  expect(Buffer.concat(messages.map(({ bytes }) => bytes))).toEqual(stream)
})

test('recognises a notification and a confirmed commit among other messages', () => {
  const messages = createMessageReader()(stream)
  expect(messages.map(isNotification)).toEqual([false, true, false, false])
  expect(messages.map(isCommit)).toEqual([false, false, true, false])
})
