import { expect, test } from '@jest/globals'
import { blockSize, blocksAhead, nextBlockRange } from './blocks.ts'

const readAhead = { initialBlockBytes: 100, maxBlockBytes: 400, maxBlocksAhead: 2 }
const block = (start: number, length: number) => ({ start, data: Buffer.alloc(length) })

test('sequential reading requests larger blocks and more of them ahead, up to a limit', () => {
  expect([0, 1, 2, 3, 1000].map((blocksRead) => blockSize(blocksRead, readAhead))).toEqual([
    100, 200, 400, 400, 400,
  ])
  expect([0, 1, 2, 3].map((blocksRead) => blocksAhead(blocksRead, readAhead))).toEqual([0, 1, 2, 2])
})

test.each([
  ['grows with the blocks read', { blocksRead: 1, end: 9999, cached: [] }, { start: 1000, end: 1199 }],
  ['ends with the range', { blocksRead: 1, end: 1049, cached: [] }, { start: 1000, end: 1049 }],
  [
    'ends before a cached block',
    { blocksRead: 1, end: 9999, cached: [block(1150, 5)] },
    { start: 1000, end: 1149 },
  ],
  [
    'ignores a cached block before it',
    { blocksRead: 1, end: 9999, cached: [block(900, 50)] },
    { start: 1000, end: 1199 },
  ],
])('a block %s', (_, where, range) => {
  expect(nextBlockRange(1000, { ...where, readAhead })).toEqual(range)
})
