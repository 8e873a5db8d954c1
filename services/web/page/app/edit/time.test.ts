import { expect, test } from '@jest/globals'
import { formatTime, parseTime } from './time.ts'

test.each([
  [0, '0:00.000'],
  [62.5, '1:02.500'],
  [3599.9996, '1:00:00.000'],
  [3661.04, '1:01:01.040'],
  [-1, '0:00.000'],
])('%d seconds read %s', (seconds, text) => {
  expect(formatTime(seconds)).toBe(text)
})

test.each([
  ['1:02.500', 62.5],
  ['1:02,5', 62.5],
  ['62.5', 62.5],
  ['1:00:00', 3600],
  [' 0:07 ', 7],
  ['90:00', 5400],
])('%j is a time', (text, seconds) => {
  expect(parseTime(text)).toBe(seconds)
})

test.each(['', 'abc', '1:60', '1:60:00', '-1', '1:2:3:4', '1e3', '.5', '1.2.3'])('%j is no time', (text) => {
  expect(parseTime(text)).toBeUndefined()
})

test('what is formatted can be typed', () => {
  for (const seconds of [0, 0.04, 59.999, 60, 3600.5]) expect(parseTime(formatTime(seconds))).toBe(seconds)
})
