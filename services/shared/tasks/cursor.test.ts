import { expect, test } from '@jest/globals'
import { cursorOf, decodeCursor, encodeCursor } from './cursor.ts'

const id = '3a1c9d9e-2f52-4f43-9a8c-1a1de2a40e01'

test('a cursor comes back as it went out', () => {
  const cursor = cursorOf({ created_at: new Date('2026-11-20T20:00:00.123Z'), id })
  expect(decodeCursor(encodeCursor(cursor))).toEqual({ createdAt: '2026-11-20T20:00:00.123Z', id })
})

test.each(['', 'x', Buffer.from(`2026-13-41T99:00:00.000Z/${id}`).toString('base64url'), 'Ly8v'])(
  'refuses a token that no list gave: %j',
  (token) => {
    expect(() => decodeCursor(token)).toThrow(expect.objectContaining({ code: 'request.invalid' }))
  },
)
