import { expect, test } from '@jest/globals'
import { type ChunkSource, chunkBytesAt, chunksOfBlob, chunksOfStream } from './chunks.ts'

const BYTES = 'abcdefghij'

async function* stream(...parts: string[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield new TextEncoder().encode(part)
}

async function readAll(source: ChunkSource): Promise<[string, number | undefined][]> {
  const chunks: [string, number | undefined][] = []
  for (let start = 0; ; ) {
    const { body, total } = await source.read(start)
    chunks.push([await body.text(), total])
    start += body.size
    if (start === total) return chunks
  }
}

test('a file is read in chunks, all of which know its size', async () => {
  expect(await readAll(chunksOfBlob(new Blob([BYTES]), 4))).toEqual([
    ['abcd', 10],
    ['efgh', 10],
    ['ij', 10],
  ])
})

test.each([[[BYTES]], [['a', 'bcdefg', 'hij']], [[...BYTES]]])(
  'a stream of the parts %j is read in the same chunks, of which the last knows the size',
  async (parts) => {
    expect(await readAll(chunksOfStream(stream(...parts), 4))).toEqual([
      ['abcd', undefined],
      ['efgh', undefined],
      ['ij', 10],
    ])
  },
)

test('a stream that ends with a chunk has no empty chunk after it', async () => {
  expect(await readAll(chunksOfStream(stream('abcd', 'efgh'), 4))).toEqual([
    ['abcd', undefined],
    ['efgh', 8],
  ])
})

test('a chunk of a stream, or its rest, can be read again', async () => {
  const source = chunksOfStream(stream(BYTES), 4)
  await source.read(0)
  expect(await (await source.read(0)).body.text()).toBe('abcd')
  expect(await (await source.read(2)).body.text()).toBe('cdef')
})

test('a chunk takes about as long at any speed: between 1 and 32 MiB, in multiples of 256 KiB', () => {
  expect(chunkBytesAt()).toBe(2 ** 20)
  expect(chunkBytesAt(1_000)).toBe(2 ** 20)
  expect(chunkBytesAt(1e12)).toBe(2 ** 25)
  expect(chunkBytesAt(2_000_000)).toBeGreaterThan(chunkBytesAt(1_000_000))
  for (const speed of [300_001, 1_234_567, 7_777_777]) expect(chunkBytesAt(speed) % (256 * 1024)).toBe(0)
})

test.each([
  ['a file', () => chunksOfBlob(new Blob([BYTES]), 4)],
  ['a stream', () => chunksOfStream(stream(BYTES), 4)],
] as const)('the size of each chunk of %s can be chosen', async (_what, open) => {
  const source = open()
  const read = async (start: number, bytes: number) => (await source.read(start, bytes)).body.text()
  expect([await read(0, 5), await read(5, 2), await read(7, 9)]).toEqual(['abcde', 'fg', 'hij'])
})
