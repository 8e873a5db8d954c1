import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { copyToScratch } from './copy-to-scratch.ts'

let dir: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'cutroom-copy-'))
})
afterAll(() => rm(dir, { recursive: true }))

const limits = { maxBytes: 100, signal: new AbortController().signal }
async function* chunks(...sizes: number[]) {
  for (const size of sizes) yield Buffer.alloc(size, 'x')
}
async function* endless() {
  for (;;) yield Buffer.alloc(10)
}
const source = (body: AsyncIterable<Buffer>, size?: number) => ({ host: 'example.com', size, body })

test('writes all bytes to the file', async () => {
  const path = join(dir, 'all')
  expect(await copyToScratch(source(chunks(60, 40), 100), path, limits)).toBe(100)
  expect(await readFile(path, 'utf8')).toBe('x'.repeat(100))
})

test.each([
  ['a body without end', source(endless()), 'source.too_large'],
  ['one byte too many', source(chunks(100, 1)), 'source.too_large'],
  ['a body that ends early', source(chunks(50), 90), 'source.unavailable'],
  ['an empty body', source(chunks()), 'media.unreadable'],
])('%s is refused', async (name, body, code) => {
  await expect(copyToScratch(body, join(dir, name), limits)).rejects.toMatchObject({ code })
})

test('a full disk is reported as such', async () => {
  await expect(copyToScratch(source(chunks(10)), '/dev/full', limits)).rejects.toMatchObject({
    code: 'media.disk_full',
    retry: true,
  })
})

test('an abort ends the copy of an endless body', async () => {
  const stop = new AbortController()
  async function* aborting() {
    yield Buffer.alloc(1)
    stop.abort(new Error('no longer wanted'))
    yield* endless()
  }
  await expect(
    copyToScratch(source(aborting()), join(dir, 'aborted'), { maxBytes: 1e9, signal: stop.signal }),
  ).rejects.toThrow('no longer wanted')
})
