import { expect, test } from '@jest/globals'
import { PACE } from './blocks.ts'
import { SOURCES_BYTES, shareOf } from './memory-budget.ts'

const MB = 1024 ** 2
/** What a source may hold: what it keeps, the block in hand and those asked for ahead. */
const most = (open: number) => {
  const { keepBytes, pace } = shareOf(open)
  return keepBytes + (pace.mostAhead + 1) * pace.mostBytes
}

test.each([1, 2, 3])('%d sources are each read at full pace, and keep 16 MB', (open) => {
  expect(shareOf(open)).toEqual({ pace: PACE, keepBytes: 16 * MB })
})

test('the more sources are open, the less each holds; together never more than 64 MB', () => {
  for (let open = 1; open <= 256; open++) {
    expect(open * most(open)).toBeLessThanOrEqual(SOURCES_BYTES)
    expect(most(open + 1)).toBeLessThanOrEqual(most(open))
  }
})

test('as many sources as a recipe may have still read ahead', () => {
  const { pace, keepBytes } = shareOf(20)
  expect(pace).toEqual({ firstBytes: 256 * 1024, mostBytes: 256 * 1024, mostAhead: 2 })
  expect(keepBytes).toBeGreaterThan(2 * MB)
})

test('however many there are, one block is left to each', () => {
  expect(shareOf(100_000)).toMatchObject({ pace: { mostBytes: 256 * 1024, mostAhead: 0 }, keepBytes: 0 })
})
