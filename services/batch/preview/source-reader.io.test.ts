import type { RequestListener } from 'node:http'
import { afterEach, expect, test } from '@jest/globals'
import type { ReadSourceRequest } from '#shared/contract/inspect/source-links.ts'
import { createGuardedFetch } from '../sources/guarded-fetch.ts'
import { answerWith, numberedBytes, startTestHost } from '../sources/testing/source-host.ts'
import { createSourceReader } from './source-reader.ts'

const DATA = numberedBytes(3_000_000)
const USER = '11111111-1111-4111-8111-111111111111'

const cleanUps: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

const serve: RequestListener = (request, response) =>
  answerWith(DATA, request, response, { 'content-type': 'video/mp4', etag: '"1"' })

/** A reader of a host that answers like this; its users may reach this host alone. */
async function startReader(answer: RequestListener, { deadlineMs = 5000, maxBytes = 2 * DATA.length } = {}) {
  const host = await startTestHost(answer)
  const fetch = createGuardedFetch({ allowHosts: [host.hostPort], readTimeoutMs: 5000 })
  const stopping = new AbortController()
  const reader = createSourceReader(
    { fetch, settings: { concurrency: 2, deadlineMs, maxBytes } },
    stopping.signal,
  )
  cleanUps.push(host.close, fetch.close)
  const read = (start: number, end: number, more: Partial<ReadSourceRequest> = {}, signal?: AbortSignal) =>
    reader.read({ user_id: USER, url: `${host.origin}/a.mp4`, start, end, ...more }, signal)
  return { host, read, reader, stopping }
}

test('only the bytes that are asked for are read, with one request', async () => {
  const { host, read } = await startReader(serve)
  const block = await read(2_000_000, 2_000_999)
  expect(block).toMatchObject({ start: 2_000_000, size: DATA.length, contentType: 'video/mp4' })
  expect(block.bytes.equals(DATA.subarray(2_000_000, 2_001_000))).toBe(true)
  expect(host.requests.map(({ headers }) => headers.range)).toEqual(['bytes=2000000-2000999'])
  // Behind the end there is less.
  expect((await read(DATA.length - 10, DATA.length + 90)).bytes).toHaveLength(10)
})

test('a range behind the end is not satisfiable, and says how large the source is', async () => {
  const { read } = await startReader(serve)
  await expect(read(DATA.length, DATA.length + 1)).rejects.toMatchObject({
    code: 'request.range_not_satisfiable',
    headers: { 'Content-Range': `bytes */${DATA.length}` },
  })
})

test.each<[string, RequestListener, string]>([
  ['has no ranges', (_, response) => response.end(DATA), 'source.no_ranges'],
  [
    'sends another range',
    (_, response) => response.writeHead(206, { 'content-range': 'bytes 5-6/10' }).end('56'),
    'source.no_ranges',
  ],
  [
    'sends more than it states',
    (_, response) => response.writeHead(206, { 'content-range': 'bytes 100-109/1000' }).end('x'.repeat(500)),
    'source.unavailable',
  ],
  ['denies access', (_, response) => response.writeHead(401).end(), 'source.denied'],
  ['has no such file', (_, response) => response.writeHead(404).end(), 'source.not_found'],
  [
    'has a page there',
    (request, response) => answerWith(DATA, request, response, { 'content-type': 'text/html' }),
    'source.not_media',
  ],
  [
    'redirects to an address that is not public',
    (_, response) => response.writeHead(302, { location: 'http://127.0.0.2:9/x' }).end(),
    'source.refused',
  ],
])('a host that %s', async (_, answer, code) => {
  const { read } = await startReader(answer)
  await expect(read(100, 199)).rejects.toMatchObject({ code })
})

test('a URL that is not public is refused before anything is sent', async () => {
  const { host, read } = await startReader(serve)
  const url = `http://127.0.0.2:${host.port}/a.mp4`
  await expect(read(0, 9, { url })).rejects.toMatchObject({ code: 'source.refused' })
  expect(host.requests).toEqual([])
})

test('a source that is too large is not read', async () => {
  const { read } = await startReader(serve, { maxBytes: 1000 })
  await expect(read(0, 99)).rejects.toMatchObject({ code: 'source.too_large' })
})

test('request headers go to the host of the URL alone', async () => {
  const other = await startTestHost(serve)
  cleanUps.push(other.close)
  const host = await startTestHost((_, response) =>
    response.writeHead(302, { location: `${other.origin}/b` }).end(),
  )
  cleanUps.push(host.close)
  const fetch = createGuardedFetch({ allowHosts: ['127.0.0.1'], readTimeoutMs: 5000 })
  cleanUps.push(fetch.close)
  const settings = { concurrency: 1, deadlineMs: 5000, maxBytes: 1e9 }
  const reader = createSourceReader({ fetch, settings }, new AbortController().signal)
  const headers = { Authorization: 'Bearer x' }
  await reader.read({ user_id: USER, url: `${host.origin}/a`, headers, start: 0, end: 9 })
  expect(host.requests.map((request) => request.headers.authorization)).toEqual(['Bearer x'])
  expect(other.requests.map((request) => request.headers.authorization)).toEqual([undefined])
})

test('a caller that is gone ends the connection to the host', async () => {
  const closed = Promise.withResolvers<void>()
  const begun = Promise.withResolvers<void>()
  const { read } = await startReader((_, response) => {
    response
      .writeHead(206, { 'content-range': `bytes 0-999999/${DATA.length}` })
      .write(DATA.subarray(0, 1000))
    response.once('close', closed.resolve)
    begun.resolve()
  })
  const gone = new AbortController()
  const result = read(0, 999_999, {}, gone.signal)
  await begun.promise
  gone.abort(new Error('gone'))
  await expect(result).rejects.toThrow('gone')
  await closed.promise
})

test('what has arrived by the deadline is the block, and without anything the host is too slow', async () => {
  const { read } = await startReader(
    (request, response) => {
      response.writeHead(206, { 'content-range': `bytes 0-999/${DATA.length}` })
      if (request.headers.authorization) response.write(DATA.subarray(0, 10))
      else response.flushHeaders()
    },
    { deadlineMs: 300 },
  )
  const headers = { Authorization: 'Bearer x' }
  expect((await read(0, 999, { headers })).bytes.equals(DATA.subarray(0, 10))).toBe(true)
  await expect(read(0, 999)).rejects.toMatchObject({ code: 'source.unavailable' })
})

test('a host that refuses a second connection of a user is read in turns', async () => {
  let active = 0
  const { read } = await startReader((request, response) => {
    if (active > 0) return response.writeHead(429).end()
    active++
    response.once('close', () => active--)
    setTimeout(() => serve(request, response), 20)
  })
  const blocks = await Promise.all([read(0, 99), read(100, 199)])
  expect(Buffer.concat(blocks.map(({ bytes }) => bytes)).equals(DATA.subarray(0, 200))).toBe(true)
})

test('more reads than slots are refused, and a stopping process ends them', async () => {
  const { host, read, reader, stopping } = await startReader(() => undefined)
  const reads = [read(0, 9), read(10, 19)]
  const ended = Promise.allSettled(reads)
  await expect(read(20, 29)).rejects.toMatchObject({ code: 'service.busy' })
  stopping.abort()
  expect(await ended).toMatchObject([
    { reason: { code: 'service.stopping' } },
    { reason: { code: 'service.stopping' } },
  ])
  await reader.drained()
  await expect(read(0, 9)).rejects.toMatchObject({ code: 'service.stopping' })
  expect(host.requests.length).toBeLessThanOrEqual(2)
})
