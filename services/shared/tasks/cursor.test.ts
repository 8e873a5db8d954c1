import { expect, test } from '@jest/globals'
import { cursorOf, decodeCursor, encodeCursor } from './cursor.ts'

const id = '3a1c9d9e-2f52-4f43-9a8c-1a1de2a40e01'

test('a cursor survives encoding and decoding', () => {
  const cursor = cursorOf({ created_at: new Date('2026-11-20T20:00:00.123Z'), id })
  expect(decodeCursor(encodeCursor(cursor))).toEqual({ createdAt: '2026-11-20T20:00:00.123Z', id })
})

const forge = (text: string) => Buffer.from(text).toString('base64url')

test.each([
  '',
  'x',
  'Ly8v',
  forge(`2026-13-41T99:00:00.000Z/${id}`),
  forge(`2026-02-31T00:00:00.000Z/${id}`),
  forge(`0000-01-01T00:00:00.000Z/${id}`),
  forge(`2026-01-01T00:00:00.000Z/${'-'.repeat(36)}`),
])('rejects a token that no list returned: %j', (token) => {
  expect(() => decodeCursor(token)).toThrow(expect.objectContaining({ code: 'request.invalid' }))
})
