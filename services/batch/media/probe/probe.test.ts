import { expect, test } from '@jest/globals'
import { measureDuration } from './probe.ts'

test.each([
  ['timestamps count from the first', '1.0|0.04\n1.04|0.04\n1.08|0.04\n', 0.12],
  ['packets may come out of order', '0.08|0.04\n0.0|0.04\n0.04|0.04', 0.12],
  ['the last may tell no duration', '0.0|N/A\n2.0|N/A', 2],
  ['without timestamps, durations add up', 'N/A|0.04\nN/A|0.04\n', 0.08],
])('a length is measured by its packets: %s', (_, printed, seconds) => {
  expect(measureDuration(printed)).toBeCloseTo(seconds, 6)
})

test.each(['', 'N/A|N/A', '0.0|N/A'])('packets %j have no length', (printed) => {
  expect(() => measureDuration(printed)).toThrow(expect.objectContaining({ code: 'media.unreadable' }))
})
