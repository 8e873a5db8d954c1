import { expect, test } from '@jest/globals'
import { READ_AHEAD } from './blocks.ts'
import { memoryBudget, TOTAL_SOURCE_BYTES } from './memory-budget.ts'

const MB = 1024 ** 2
/** What a source may hold: what it keeps, the block in hand and those asked for ahead. */
const most = (open: number) => {
  const { cacheBytes, readAhead } = memoryBudget(open)
  return cacheBytes + (readAhead.maxBlocksAhead + 1) * readAhead.maxBlockBytes
}

test.each([1, 2, 3])('%d sources are each read at full readAhead, and keep 16 MB', (open) => {
  expect(memoryBudget(open)).toEqual({ readAhead: READ_AHEAD, keepBytes: 16 * MB })
})

test('the more sources are open, the less each holds; together never more than 64 MB', () => {
  for (let open = 1; open <= 256; open++) {
    expect(open * most(open)).toBeLessThanOrEqual(TOTAL_SOURCE_BYTES)
    expect(most(open + 1)).toBeLessThanOrEqual(most(open))
  }
})

test('as many sources as a recipe may have still read ahead', () => {
  const { readAhead, cacheBytes } = memoryBudget(20)
  expect(readAhead).toEqual({ initialBlockBytes: 256 * 1024, maxBlockBytes: 256 * 1024, maxBlocksAhead: 2 })
  expect(cacheBytes).toBeGreaterThan(2 * MB)
})

test('however many there are, one block is left to each', () => {
  expect(memoryBudget(100_000)).toMatchObject({
    readAhead: { maxBlockBytes: 256 * 1024, maxBlocksAhead: 0 },
    keepBytes: 0,
  })
})
