import { expect, test } from '@jest/globals'
import { parsePackets } from './read-packets.ts'

test('packets are shown when their container says', () => {
  expect(parsePackets('1.066667|1.000000|0.033333|K__\n\n2\n')).toEqual([
    { pts: 1.066667, dts: 1, shownAt: 1.066667, flags: 'K__' },
  ])
})

test('where it does not say, decoders show the first frame after those that they hold back', () => {
  const packets = parsePackets('N/A|0.000000|0.050000|K_\nN/A|0.050000|0.050000|__\n\n2\n')
  expect(packets.map(({ shownAt }) => shownAt)).toEqual([0.1, expect.closeTo(0.15)])
})

test('audio and packets without any time have no place', () => {
  expect(parsePackets('N/A|N/A|N/A|K_\n\n')).toMatchObject([{ shownAt: Number.NaN }])
  expect(parsePackets('0.026|0.026|0.026122|K_\n\n')).toMatchObject([{ shownAt: 0.026 }])
})
