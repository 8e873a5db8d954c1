import { expect, test } from '@jest/globals'
import { type ChunkSource, chunksOfBlob, chunksOfStream } from './chunks.ts'

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
