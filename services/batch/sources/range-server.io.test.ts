import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { CutroomError } from '#shared/errors.ts'
import { silentLogger } from '#shared/observability/logger.ts'
import type { ByteRange } from '#shared/storage/port.ts'
import { createBlockReader } from './block-reader.ts'
import { lengthOf } from './byte-ranges.ts'
import { type RangeServer, startRangeServer } from './range-server.ts'
import { bytesOf, numberedBytes } from './testing/source-host.ts'

const DATA = numberedBytes(8_000_000)
let server: RangeServer
beforeAll(async () => {
  server = await startRangeServer(silentLogger)
})
afterAll(() => server.close())

type Read = (range: ByteRange, options: { signal: AbortSignal }) => AsyncIterable<Buffer>

async function* give({ start, end }: ByteRange) {
  yield DATA.subarray(start, end + 1)
}
const serve = (read: Read = give) => server.serve(createBlockReader({ size: DATA.length, name: 'far', read }))

/** A reply as it comes: whoever calls reads or destroys it. */
async function ask(url: string, options: { method?: string; range?: string; path?: string } = {}) {
  const { method = 'GET', range, path } = options
  const sent = request(url, { method, ...(path && { path }), headers: range ? { range } : {}, agent: false })
  sent.end()
  const [reply] = (await once(sent, 'response')) as [IncomingMessage]
  return reply
}

test('gives the range asked for', async () => {
  const reply = await ask(serve().url, { range: 'bytes=1000-1999' })
  expect(reply.statusCode).toBe(206)
  expect(reply.headers).toMatchObject({
    'content-range': 'bytes 1000-1999/8000000',
    'content-length': '1000',
    'accept-ranges': 'bytes',
  })
  expect(await bytesOf(reply)).toEqual(DATA.subarray(1000, 2000))
})

test('gives everything, and the size alone to HEAD', async () => {
  const { url } = serve()
  const whole = await ask(url)
  expect(whole.statusCode).toBe(200)
  expect((await bytesOf(whole)).equals(DATA)).toBe(true)
  const head = await ask(url, { method: 'HEAD' })
  expect([head.statusCode, head.headers['content-length']]).toEqual([200, '8000000'])
})

test('says when a range is not in the file', async () => {
  const reply = await ask(serve().url, { range: 'bytes=8000000-' })
  expect([reply.statusCode, reply.headers['content-range']]).toEqual([416, 'bytes */8000000'])
})

test('gives nothing without the address, nor after it was closed', async () => {
  const { url, close } = serve()
  expect((await ask(`${server.origin}/`)).statusCode).toBe(404)
  expect((await ask(`${url.slice(0, -1)}_`)).statusCode).toBe(404)
  expect((await ask(url, { method: 'POST' })).statusCode).toBe(405)
  close()
  expect((await ask(url)).statusCode).toBe(404)
})

test('is no proxy: another address asked for is unknown here', async () => {
  const { url } = serve()
  expect((await ask(url, { path: 'http://169.254.169.254/latest/meta-data/' })).statusCode).toBe(404)
  expect((await ask(url, { path: url, range: 'bytes=0-9' })).statusCode).toBe(206)
})

test('a reader that hangs up ends the reading far away', async () => {
  const far = Promise.withResolvers<void>()
  async function* stuck(range: ByteRange, { signal }: { signal: AbortSignal }) {
    yield DATA.subarray(range.start, range.end)
    await once(signal, 'abort')
    far.resolve()
    signal.throwIfAborted()
  }
  async function* giveThenStick(range: ByteRange, options: { signal: AbortSignal }) {
    yield* range.start === 0 ? give(range) : stuck(range, options)
  }
  const reply = await ask(serve(giveThenStick).url)
  reply.destroy()
  await far.promise
})

test('a reader that stops reading stops the reading far away', async () => {
  const muchTooMuch = 200e6
  let fetched = 0
  async function* counted(range: ByteRange) {
    fetched = Math.max(fetched, range.end + 1)
    yield Buffer.alloc(lengthOf(range))
  }
  const { url } = server.serve(createBlockReader({ size: 1e12, name: 'far', read: counted }))
  const reply = await ask(url)
  for (let before = -1; fetched !== before && fetched < muchTooMuch; ) {
    before = fetched
    for (let turn = 0; turn < 200; turn++) await nextTurn()
  }
  reply.destroy()
  expect(fetched).toBeLessThan(muchTooMuch / 4)
})

test('a source that fails at once is a bad gateway, one that fails later a broken connection', async () => {
  const refuse = async function* (): AsyncGenerator<Buffer> {
    yield* []
    throw new CutroomError('source.refused', 'It is not read.')
  }
  expect((await ask(serve(refuse).url)).statusCode).toBe(502)

  const later = serve((range) => (range.start === 0 ? give(range) : refuse()))
  await expect(bytesOf(await ask(later.url))).rejects.toThrow('aborted')
})
