import { expect, test } from '@jest/globals'
import { findStart } from './find-start.ts'

/** A log with the events of these numbers, of which those below `firstLate` are early. */
function logOf(numbers: number[], firstLate: number) {
  let probes = 0
  const probe = async (number: number) => {
    probes++
    const next = numbers.find((one) => one > number)
    return next !== undefined && next < firstLate ? next : undefined
  }
  return { probe, count: () => probes }
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index)

test.each([
  [range(1, 100_001), 99_000],
  [range(1, 100_001), 1],
  [range(1, 100_001), 200_000],
  [range(50_000, 60_000), 55_000],
  [[...range(1, 5000), ...range(90_000, 95_000)], 91_000],
  [[3, 7], 5],
  [[], 1],
])(
  'no event that is not early is passed over, and few early ones are left (%#)',
  async (numbers, firstLate) => {
    const { probe, count } = logOf(numbers, firstLate)
    const start = await findStart(0, probe)
    const left = numbers.filter((number) => number > start)
    expect(left.filter((number) => number >= firstLate)).toEqual(
      numbers.filter((number) => number >= firstLate),
    )
    expect(left.filter((number) => number < firstLate).length).toBeLessThanOrEqual(1000)
    expect(count()).toBeLessThanOrEqual(20)
  },
)
