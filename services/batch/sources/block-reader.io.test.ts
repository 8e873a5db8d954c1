import { expect, test } from '@jest/globals'
import { CutroomError } from '#shared/errors.ts'
import type { ByteRange } from '#shared/storage/port.ts'
import { createBlockReader } from './block-reader.ts'
import { bytesOf, numberedBytes } from './testing/source-host.ts'

const DATA = numberedBytes(10_000)
const ALL = { start: 0, end: DATA.length - 1 }
const readAhead = { initialBlockBytes: 100, maxBlockBytes: 400, maxBlocksAhead: 2 }
const budget = () => ({ readAhead, cacheBytes: 100_000 })
const never = new AbortController().signal
const broken = () => new CutroomError('source.unavailable', 'The connection broke.')

/** A remote file that records what is requested. `replace` may replace its answer to a request. */
function remoteFile(replace?: (range: ByteRange, requests: number) => AsyncIterable<Buffer> | undefined) {
  const requested: ByteRange[] = []
  const signals: AbortSignal[] = []
  async function* read(range: ByteRange, { signal }: { signal: AbortSignal }) {
    requested.push(range)
    signals.push(signal)
    yield* replace?.(range, requested.length) ?? [DATA.subarray(range.start, range.end + 1)]
  }
  return { source: { size: DATA.length, name: 'remote', read }, requested, signals }
}

test('streams every byte of a range once and in order', async () => {
  const { source } = remoteFile()
  const reader = createBlockReader(source, { budget })
  expect(await bytesOf(reader.stream(ALL, never))).toEqual(DATA)
  expect(await bytesOf(reader.stream({ start: 123, end: 4567 }, never))).toEqual(DATA.subarray(123, 4568))
  expect(reader.bytesRead()).toBe(DATA.length)
})

test('does not request bytes that it was created with', async () => {
  const { source, requested } = remoteFile()
  const reader = createBlockReader(source, { head: DATA.subarray(0, 250), budget })
  expect(await bytesOf(reader.stream({ start: 0, end: 299 }, never))).toEqual(DATA.subarray(0, 300))
  expect(requested).toEqual([{ start: 250, end: 299 }])
  expect(reader.bytesRead()).toBe(300)
})

test('requests nothing ahead for a reader that takes one block and leaves', async () => {
  const { source, requested, signals } = remoteFile()
  const reader = createBlockReader(source, { budget })
  for await (const _ of reader.stream(ALL, never)) break
  expect(requested).toEqual([{ start: 0, end: 99 }])
  expect(signals.every(({ aborted }) => aborted)).toBe(true)
})

test('requests more and larger blocks ahead while reading is sequential', async () => {
  const { source, requested } = remoteFile()
  const stream = createBlockReader(source, { budget }).stream(ALL, never)
  await stream.next()
  await stream.next()
  expect(requested).toEqual([
    { start: 0, end: 99 },
    { start: 100, end: 299 },
    { start: 300, end: 699 },
  ])
  await stream.return(undefined)
})

test('resumes where a connection broke', async () => {
  async function* half({ start }: ByteRange) {
    yield DATA.subarray(start, start + 30)
    throw broken()
  }
  const { source, requested } = remoteFile((range, count) => (count === 1 ? half(range) : undefined))
  const reader = createBlockReader(source, { budget })
  expect(await bytesOf(reader.stream({ start: 0, end: 99 }, never))).toEqual(DATA.subarray(0, 100))
  expect(requested).toEqual([
    { start: 0, end: 99 },
    { start: 30, end: 99 },
  ])
  expect(reader.readError()).toBeUndefined()
})

test('gives up after three attempts without bytes, and keeps the error', async () => {
  async function* nothing(): AsyncGenerator<Buffer> {
    yield* []
    throw broken()
  }
  const { source, requested } = remoteFile(nothing)
  const reader = createBlockReader(source, { budget })
  await expect(bytesOf(reader.stream(ALL, never))).rejects.toMatchObject({ code: 'source.unavailable' })
  expect(requested).toHaveLength(3)
  expect(reader.readError()).toMatchObject({ code: 'source.unavailable', message: 'The connection broke.' })
})

test('does not retry a permanent failure', async () => {
  async function* refusing(): AsyncGenerator<Buffer> {
    yield* []
    throw new CutroomError('source.refused', 'The URL is not allowed.')
  }
  const { source, requested } = remoteFile(refusing)
  await expect(bytesOf(createBlockReader(source, { budget }).stream(ALL, never))).rejects.toMatchObject({
    code: 'source.refused',
  })
  expect(requested).toHaveLength(1)
})

test('an abort ends the reading and is not a read error', async () => {
  const stop = new AbortController()
  async function* slow(): AsyncGenerator<Buffer> {
    yield* []
    stop.abort()
    throw broken()
  }
  const reader = createBlockReader(remoteFile(slow).source, { budget })
  await expect(bytesOf(reader.stream(ALL, stop.signal))).rejects.toThrow('aborted')
  expect(reader.readError()).toBeUndefined()
})

test('bytes that arrived before the reader left are not requested again', async () => {
  const stop = new AbortController()
  async function* half({ start }: ByteRange) {
    yield DATA.subarray(start, start + 30)
    stop.abort()
    throw broken()
  }
  const { source, requested } = remoteFile((range, count) => (count === 1 ? half(range) : undefined))
  const reader = createBlockReader(source, { budget })
  await expect(bytesOf(reader.stream({ start: 0, end: 99 }, stop.signal))).rejects.toThrow('aborted')
  expect(await bytesOf(reader.stream({ start: 0, end: 99 }, never))).toEqual(DATA.subarray(0, 100))
  expect(requested).toEqual([
    { start: 0, end: 99 },
    { start: 30, end: 99 },
  ])
  expect(reader.bytesRead()).toBe(100)
})
