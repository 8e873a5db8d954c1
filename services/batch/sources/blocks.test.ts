import { expect, test } from '@jest/globals'
import { blockSize, blocksAhead, createBlockCache, nextBlockRange } from './blocks.ts'

const readAhead = { initialBlockBytes: 100, maxBlockBytes: 400, maxBlocksAhead: 2 }
const block = (start: number, length: number) => ({ start, data: Buffer.alloc(length) })

test('blocks grow and go ahead the longer a run lasts, up to a limit', () => {
  expect([0, 1, 2, 3, 1000].map((run) => blockSize(run, readAhead))).toEqual([100, 200, 400, 400, 400])
  expect([0, 1, 2, 3].map((run) => blocksAhead(run, readAhead))).toEqual([0, 1, 2, 2])
})

test.each([
  ['is as long as the run allows', { run: 1, end: 9999, held: [] }, { start: 1000, end: 1199 }],
  ['ends with the range', { run: 1, end: 1049, held: [] }, { start: 1000, end: 1049 }],
  ['ends before a block at hand', { run: 1, end: 9999, held: [block(1150, 5)] }, { start: 1000, end: 1149 }],
  ['minds no block behind it', { run: 1, end: 9999, held: [block(900, 50)] }, { start: 1000, end: 1199 }],
])('a block %s', (_, where, range) => {
  expect(nextBlockRange(1000, { ...where, readAhead })).toEqual(range)
})

test('a store finds the block around a position', () => {
  const store = createBlockCache(() => 1000)
  const kept = block(100, 50)
  store.add(kept)
  expect([99, 100, 149, 150].map((at) => store.find(at))).toEqual([undefined, kept, kept, undefined])
})

test('a full store forgets what was used longest ago', () => {
  const store = createBlockCache(() => 100)
  store.add(block(0, 50))
  store.add(block(50, 50))
  store.find(0)
  store.add(block(100, 50))
  expect(store.blocks().map(({ start }) => start)).toEqual([0, 100])
})
