import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { CutroomError } from '#shared/errors.ts'
import { rangeLength } from '#shared/http/byte-ranges.ts'
import { silentLogger } from '#shared/observability/logger.ts'
import type { ByteRange } from '#shared/storage/port.ts'
import { createBlockReader } from './block-reader.ts'
import { type RangeServer, startRangeServer } from './range-server.ts'
import { bytesOf, numberedBytes } from './testing/source-host.ts'

const DATA = numberedBytes(8_000_000)
let server: RangeServer
beforeAll(async () => {
  server = await startRangeServer(silentLogger)
})
afterAll(() => server.close())

type Read = (range: ByteRange, options: { signal: AbortSignal }) => AsyncIterable<Buffer>

async function* readData({ start, end }: ByteRange) {
  yield DATA.subarray(start, end + 1)
}
const serve = (read: Read = readData) =>
  server.serve(createBlockReader({ size: DATA.length, name: 'remote', read }))

/** A response whose body is still to be read or destroyed by the caller. */
async function send(url: string, options: { method?: string; range?: string; path?: string } = {}) {
  const { method = 'GET', range, path } = options
  const outgoing = request(url, {
    method,
    ...(path && { path }),
    headers: range ? { range } : {},
    agent: false,
  })
  outgoing.end()
  const [reply] = (await once(outgoing, 'response')) as [IncomingMessage]
  return reply
}

test('serves the requested range', async () => {
  const reply = await send(serve().url, { range: 'bytes=1000-1999' })
  expect(reply.statusCode).toBe(206)
  expect(reply.headers).toMatchObject({
    'content-range': 'bytes 1000-1999/8000000',
    'content-length': '1000',
    'accept-ranges': 'bytes',
  })
  expect(await bytesOf(reply)).toEqual(DATA.subarray(1000, 2000))
})

test('serves the whole file, and only its size to HEAD', async () => {
  const { url } = serve()
  const whole = await send(url)
  expect(whole.statusCode).toBe(200)
  expect((await bytesOf(whole)).equals(DATA)).toBe(true)
  const head = await send(url, { method: 'HEAD' })
  expect([head.statusCode, head.headers['content-length']]).toEqual([200, '8000000'])
})

test('answers 416 to a range beyond the file', async () => {
  const reply = await send(serve().url, { range: 'bytes=8000000-' })
  expect([reply.statusCode, reply.headers['content-range']]).toEqual([416, 'bytes */8000000'])
})

test('serves nothing without the URL, nor after it was closed', async () => {
  const { url, close } = serve()
  expect((await send(`${server.origin}/`)).statusCode).toBe(404)
  expect((await send(`${url.slice(0, -1)}_`)).statusCode).toBe(404)
  expect((await send(url, { method: 'POST' })).statusCode).toBe(405)
  close()
  expect((await send(url)).statusCode).toBe(404)
})

test('is not a proxy: it answers 404 to the URL of another server', async () => {
  const { url } = serve()
  expect((await send(url, { path: 'http://169.254.169.254/latest/meta-data/' })).statusCode).toBe(404)
  expect((await send(url, { path: url, range: 'bytes=0-9' })).statusCode).toBe(206)
})

test('a client that disconnects ends the reading of the source', async () => {
  const ended = Promise.withResolvers<void>()
  async function* hang(range: ByteRange, { signal }: { signal: AbortSignal }) {
    yield DATA.subarray(range.start, range.end)
    await once(signal, 'abort')
    ended.resolve()
    signal.throwIfAborted()
  }
  async function* readThenHang(range: ByteRange, options: { signal: AbortSignal }) {
    yield* range.start === 0 ? readData(range) : hang(range, options)
  }
  const reply = await send(serve(readThenHang).url)
  reply.destroy()
  await ended.promise
})

test('a client that stops reading pauses the reading of the source', async () => {
  const farTooMuch = 200e6
  let fetched = 0
  async function* counted(range: ByteRange) {
    fetched = Math.max(fetched, range.end + 1)
    yield Buffer.alloc(rangeLength(range))
  }
  const { url } = server.serve(createBlockReader({ size: 1e12, name: 'remote', read: counted }))
  const reply = await send(url)
  for (let before = -1; fetched !== before && fetched < farTooMuch; ) {
    before = fetched
    for (let turn = 0; turn < 200; turn++) await nextTurn()
  }
  reply.destroy()
  expect(fetched).toBeLessThan(farTooMuch / 4)
})

test('a source that fails at once gives a 502, one that fails later a broken connection', async () => {
  const refuse = async function* (): AsyncGenerator<Buffer> {
    yield* []
    throw new CutroomError('source.refused', 'The URL is not allowed.')
  }
  expect((await send(serve(refuse).url)).statusCode).toBe(502)

  const later = serve((range) => (range.start === 0 ? readData(range) : refuse()))
  await expect(bytesOf(await send(later.url))).rejects.toThrow('aborted')
})
