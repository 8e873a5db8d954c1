import { expect, test } from '@jest/globals'
import { durationOfPackets } from './packet-duration.ts'

test.each([
  ['timestamps count from the first', '1.0|0.04\n1.04|0.04\n1.08|0.04\n', 0.12],
  ['packets may be out of order', '0.08|0.04\n0.0|0.04\n0.04|0.04', 0.12],
  ['the last packet may have no duration', '0.0|N/A\n2.0|N/A', 2],
  ['without timestamps, durations add up', 'N/A|0.04\nN/A|0.04\n', 0.08],
])('a duration is measured by its packets: %s', (_, printed, seconds) => {
  expect(durationOfPackets(printed)).toBeCloseTo(seconds, 6)
})

test.each(['', 'N/A|N/A', '0.0|N/A'])('packets %j have no duration', (printed) => {
  expect(() => durationOfPackets(printed)).toThrow(expect.objectContaining({ code: 'media.unreadable' }))
})
