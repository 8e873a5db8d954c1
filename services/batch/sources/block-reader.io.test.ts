import { expect, test } from '@jest/globals'
import { CutroomError } from '#shared/errors.ts'
import type { ByteRange } from '#shared/storage/port.ts'
import { createBlockReader } from './block-reader.ts'
import { bytesOf, numberedBytes } from './testing/source-host.ts'

const DATA = numberedBytes(10_000)
const ALL = { start: 0, end: DATA.length - 1 }
const pace = { firstBytes: 100, mostBytes: 400, mostAhead: 2 }
const share = () => ({ pace, keepBytes: 100_000 })
const never = new AbortController().signal
const broken = () => new CutroomError('source.unavailable', 'The connection broke.')

/** A far file that remembers what it was asked for. `spoil` stands in for its answer now and then. */
function far(spoil?: (range: ByteRange, asked: number) => AsyncIterable<Buffer> | undefined) {
  const asked: ByteRange[] = []
  const signals: AbortSignal[] = []
  async function* read(range: ByteRange, { signal }: { signal: AbortSignal }) {
    asked.push(range)
    signals.push(signal)
    yield* spoil?.(range, asked.length) ?? [DATA.subarray(range.start, range.end + 1)]
  }
  return { source: { size: DATA.length, name: 'far', read }, asked, signals }
}

test('gives every byte of a range once and in order', async () => {
  const { source } = far()
  const reader = createBlockReader(source, { share })
  expect(await bytesOf(reader.stream(ALL, never))).toEqual(DATA)
  expect(await bytesOf(reader.stream({ start: 123, end: 4567 }, never))).toEqual(DATA.subarray(123, 4568))
  expect(reader.bytesRead()).toBe(DATA.length)
})

test('does not ask for bytes it was given at the start', async () => {
  const { source, asked } = far()
  const reader = createBlockReader(source, { head: DATA.subarray(0, 250), share })
  expect(await bytesOf(reader.stream({ start: 0, end: 299 }, never))).toEqual(DATA.subarray(0, 300))
  expect(asked).toEqual([{ start: 250, end: 299 }])
  expect(reader.bytesRead()).toBe(300)
})

test('reads nothing ahead for a reader that takes one block and leaves', async () => {
  const { source, asked, signals } = far()
  const reader = createBlockReader(source, { share })
  for await (const _ of reader.stream(ALL, never)) break
  expect(asked).toEqual([{ start: 0, end: 99 }])
  expect(signals.every(({ aborted }) => aborted)).toBe(true)
})

test('asks for blocks ahead while a run lasts', async () => {
  const { source, asked } = far()
  const stream = createBlockReader(source, { share }).stream(ALL, never)
  await stream.next()
  await stream.next()
  expect(asked).toEqual([
    { start: 0, end: 99 },
    { start: 100, end: 299 },
    { start: 300, end: 699 },
  ])
  await stream.return(undefined)
})

test('takes up where a connection broke', async () => {
  async function* half({ start }: ByteRange) {
    yield DATA.subarray(start, start + 30)
    throw broken()
  }
  const { source, asked } = far((range, count) => (count === 1 ? half(range) : undefined))
  const reader = createBlockReader(source, { share })
  expect(await bytesOf(reader.stream({ start: 0, end: 99 }, never))).toEqual(DATA.subarray(0, 100))
  expect(asked).toEqual([
    { start: 0, end: 99 },
    { start: 30, end: 99 },
  ])
  expect(reader.fault()).toBeUndefined()
})

test('gives up after three tries that brought nothing, and keeps the fault', async () => {
  async function* nothing(): AsyncGenerator<Buffer> {
    yield* []
    throw broken()
  }
  const { source, asked } = far(nothing)
  const reader = createBlockReader(source, { share })
  await expect(bytesOf(reader.stream(ALL, never))).rejects.toMatchObject({ code: 'source.unavailable' })
  expect(asked).toHaveLength(3)
  expect(reader.fault()).toMatchObject({ code: 'source.unavailable', message: 'The connection broke.' })
})

test('does not try again what will never be read', async () => {
  async function* refusing(): AsyncGenerator<Buffer> {
    yield* []
    throw new CutroomError('source.refused', 'It is not read.')
  }
  const { source, asked } = far(refusing)
  await expect(bytesOf(createBlockReader(source, { share }).stream(ALL, never))).rejects.toMatchObject({
    code: 'source.refused',
  })
  expect(asked).toHaveLength(1)
})

test('an abort ends the reading and is no fault', async () => {
  const stop = new AbortController()
  async function* slow(): AsyncGenerator<Buffer> {
    yield* []
    stop.abort()
    throw broken()
  }
  const reader = createBlockReader(far(slow).source, { share })
  await expect(bytesOf(reader.stream(ALL, stop.signal))).rejects.toThrow('aborted')
  expect(reader.fault()).toBeUndefined()
})

test('what has come of a block when its reader leaves is not asked for again', async () => {
  const stop = new AbortController()
  async function* half({ start }: ByteRange) {
    yield DATA.subarray(start, start + 30)
    stop.abort()
    throw broken()
  }
  const { source, asked } = far((range, count) => (count === 1 ? half(range) : undefined))
  const reader = createBlockReader(source, { share })
  await expect(bytesOf(reader.stream({ start: 0, end: 99 }, stop.signal))).rejects.toThrow('aborted')
  expect(await bytesOf(reader.stream({ start: 0, end: 99 }, never))).toEqual(DATA.subarray(0, 100))
  expect(asked).toEqual([
    { start: 0, end: 99 },
    { start: 30, end: 99 },
  ])
  expect(reader.bytesRead()).toBe(100)
})
