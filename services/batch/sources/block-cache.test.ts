import { expect, test } from '@jest/globals'
import { createBlockCache } from './block-cache.ts'

const block = (start: number, length: number) => ({ start, data: Buffer.alloc(length) })

test('finds the block that contains a position', () => {
  const cache = createBlockCache(() => 1000)
  const cached = block(100, 50)
  cache.add(cached)
  expect([99, 100, 149, 150].map((position) => cache.find(position))).toEqual([
    undefined,
    cached,
    cached,
    undefined,
  ])
})

test('evicts the least recently used block when it is full', () => {
  const cache = createBlockCache(() => 100)
  cache.add(block(0, 50))
  cache.add(block(50, 50))
  cache.find(0)
  cache.add(block(100, 50))
  expect(cache.blocks().map(({ start }) => start)).toEqual([0, 100])
})
