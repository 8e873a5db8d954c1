import { expect, test } from '@jest/globals'
import { toInstant } from './instants.ts'

const NOW = Date.parse('2026-11-27T12:00:00Z')
const instant = (text: string) => new Date(toInstant('--since', text, NOW)).toISOString()

test.each([
  ['90s', '2026-11-27T11:58:30.000Z'],
  ['1.5h', '2026-11-27T10:30:00.000Z'],
  ['7d', '2026-11-20T12:00:00.000Z'],
  ['2026-11-01', '2026-11-01T00:00:00.000Z'],
  ['2026-11-01T09:30:00+01:00', '2026-11-01T08:30:00.000Z'],
])('%s is a time', (text, expected) => {
  expect(instant(text)).toBe(expected)
})

test.each(['', 'yesterday', '2', '2w', '-1h', '2026-13-01', '27.11.2026'])('%j is no time', (text) => {
  expect(() => instant(text)).toThrow('is not a time')
})
