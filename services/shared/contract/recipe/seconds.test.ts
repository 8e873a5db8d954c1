import { describe, expect, test } from '@jest/globals'
import { z } from 'zod'
import { parseTimecode, seconds } from './seconds.ts'

describe('a timecode', () => {
  test.each([
    ['00:01:30.500', 90.5],
    ['1:02.5', 62.5],
    ['90', 90],
    ['0.1', 0.1],
    ['90:00', 5400],
    ['100:00:00', 360_000],
    ['1:00:00.1', 3600.1],
    ['00:00:00.000001', 0.000001],
  ])('%s is %d s', (text, expected) => {
    expect(parseTimecode(text)).toBe(expected)
  })

  test.each([
    '',
    ':',
    '1:',
    ':1',
    '1:60',
    '1:60:00',
    '1:2:3:4',
    '-1',
    '1,5',
    '1e3',
    ' 1',
    '1.',
    '.5',
    '0x10',
  ])('%j is none', (text) => {
    expect(parseTimecode(text)).toBeUndefined()
  })
})

describe('a time', () => {
  const Time = seconds(z.number().min(1).max(100))
  const messageOf = (value: unknown) => Time.safeParse(value).error?.issues[0]?.message

  test('is seconds, or the same as a timecode', () => {
    expect([5, '5', '0:05', '00:00:05.0'].map((value) => Time.parse(value))).toEqual([5, 5, 5, 5])
  })

  test.each([0, '0', '0:00.5'])('that is too early is refused: %j', (value) => {
    expect(messageOf(value)).toMatch(/>=1/)
  })

  test.each([null, true, 'soon', '1:60', Number.NaN, {}])('of another kind is refused: %j', (value) => {
    expect(messageOf(value)).toBe('must be a number of seconds, or a timecode such as 00:01:30.500')
  })
})
