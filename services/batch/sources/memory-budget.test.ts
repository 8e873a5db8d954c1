import { expect, test } from '@jest/globals'
import { READ_AHEAD } from './blocks.ts'
import { memoryBudget, TOTAL_SOURCE_BYTES } from './memory-budget.ts'

const MB = 1024 ** 2
/** The most memory that a source uses: cached blocks, the current one and those requested ahead. */
const maxBytes = (openSources: number) => {
  const { cacheBytes, readAhead } = memoryBudget(openSources)
  return cacheBytes + (readAhead.maxBlocksAhead + 1) * readAhead.maxBlockBytes
}

test.each([1, 2, 3])('%d sources are each read at full speed, and cache 16 MB', (openSources) => {
  expect(memoryBudget(openSources)).toEqual({ readAhead: READ_AHEAD, cacheBytes: 16 * MB })
})

test('the more sources are open, the less memory each uses; together never more than 64 MB', () => {
  for (let open = 1; open <= 256; open++) {
    expect(open * maxBytes(open)).toBeLessThanOrEqual(TOTAL_SOURCE_BYTES)
    expect(maxBytes(open + 1)).toBeLessThanOrEqual(maxBytes(open))
  }
})

test('as many sources as a recipe may have still read ahead', () => {
  const { readAhead, cacheBytes } = memoryBudget(20)
  expect(readAhead).toEqual({ initialBlockBytes: 256 * 1024, maxBlockBytes: 256 * 1024, maxBlocksAhead: 2 })
  expect(cacheBytes).toBeGreaterThan(2 * MB)
})

test('each source gets one block, however many are open', () => {
  expect(memoryBudget(100_000)).toMatchObject({
    readAhead: { maxBlockBytes: 256 * 1024, maxBlocksAhead: 0 },
    cacheBytes: 0,
  })
})
