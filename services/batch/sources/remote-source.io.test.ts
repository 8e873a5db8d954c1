import type { RequestListener } from 'node:http'
import { afterEach, describe, expect, test } from '@jest/globals'
import { createBlockReader } from './block-reader.ts'
import { createGuardedFetch } from './guarded-fetch.ts'
import { openRemoteSource } from './remote-source.ts'
import { answerWith, bytesOf, numberedBytes, startTestHost } from './testing/source-host.ts'

const cleanUps: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

const DATA = numberedBytes(1_000_000)
const never = new AbortController().signal

/** Opens a source on a host that answers like this. */
async function opened(answer: RequestListener, { maxBytes = DATA.length } = {}) {
  const host = await startTestHost(answer)
  cleanUps.push(host.close)
  const fetch = createGuardedFetch({ allowHosts: [host.hostPort], readTimeoutMs: 5000 })
  cleanUps.push(fetch.close)
  return { host, remote: await openRemoteSource(fetch, `${host.origin}/film`, { maxBytes, signal: never }) }
}

async function openedRanged(answer: RequestListener) {
  const { host, remote } = await opened(answer)
  if (remote.kind !== 'ranged') throw new Error('The test host must support range requests.')
  return { host, reader: createBlockReader(remote.bytes, { head: remote.head }) }
}

describe('a host that supports range requests', () => {
  test('is read with one request for the head and one for each block', async () => {
    const { host, reader } = await openedRanged((request, response) => answerWith(DATA, request, response))
    expect(reader.size).toBe(DATA.length)
    const got = await bytesOf(reader.stream({ start: 0, end: 300_000 }, never))
    expect(got.equals(DATA.subarray(0, 300_001))).toBe(true)
    expect(host.requests.map(({ headers }) => headers.range)).toEqual([
      'bytes=0-262143',
      'bytes=262144-300000',
    ])
  })

  test.each([
    ['a strong ETag', { etag: '"v1"', 'last-modified': 'Fri, 20 Nov 2026 10:00:00 GMT' }, '"v1"'],
    [
      'a weak ETag and a date',
      { etag: 'W/"v1"', 'last-modified': 'Fri, 20 Nov 2026 10:00:00 GMT' },
      'Fri, 20 Nov 2026 10:00:00 GMT',
    ],
    ['neither', {}, undefined],
  ])('is sent an If-Range from %s', async (_, headers, condition) => {
    const { host, reader } = await openedRanged((request, response) =>
      answerWith(DATA, request, response, headers as Record<string, string>),
    )
    await bytesOf(reader.stream({ start: 500_000, end: 500_009 }, never))
    expect(host.requests[1]?.headers['if-range']).toBe(condition)
  })

  const changes: [string, RequestListener][] = [
    ['all of another file', (_, response) => response.writeHead(200).end('another file')],
    [
      'a file of another size',
      (request, response) => answerWith(DATA.subarray(0, 900_000), request, response, { etag: '"v1"' }),
    ],
    ['another ETag', (request, response) => answerWith(DATA, request, response, { etag: '"v2"' })],
  ]
  test.each(changes)('whose file has changed is noticed: %s', async (_, later) => {
    let requests = 0
    const { reader } = await openedRanged((request, response) =>
      requests++ === 0 ? answerWith(DATA, request, response, { etag: '"v1"' }) : later(request, response),
    )
    await expect(bytesOf(reader.stream({ start: 500_000, end: 500_009 }, never))).rejects.toMatchObject({
      code: 'source.unavailable',
      message: expect.stringContaining('the file changed while it was being read'),
    })
  })

  test('must not send more than was requested', async () => {
    let requests = 0
    const { reader } = await openedRanged((request, response) => {
      if (requests++ === 0) return answerWith(DATA, request, response)
      response.writeHead(206, { 'content-range': `bytes 500000-500009/${DATA.length}` })
      response.end(DATA)
    })
    await expect(bytesOf(reader.stream({ start: 500_000, end: 500_009 }, never))).rejects.toMatchObject({
      code: 'source.unavailable',
      message: expect.stringContaining('the host sent other bytes'),
    })
  })

  test('follows the redirect again only after its target has failed', async () => {
    let links = 0
    const { host, reader } = await openedRanged((request, response) => {
      if (request.url === '/film') response.writeHead(302, { location: `/signed/${++links}` }).end()
      else if (request.url === '/signed/1' && request.headers.range !== 'bytes=0-262143')
        response.writeHead(403).end()
      else answerWith(DATA, request, response)
    })
    await bytesOf(reader.stream({ start: 500_000, end: 500_009 }, never))
    expect(host.requests.map(({ url }) => url)).toEqual([
      '/film',
      '/signed/1',
      '/signed/1',
      '/film',
      '/signed/2',
    ])
  })
})

describe('a URL that redirects to the file', () => {
  test.each([
    [403, 'source.denied'],
    [410, 'source.not_found'],
  ])('fails permanently when every target it redirects to answers %i', async (status, code) => {
    let read = false
    const { host, reader } = await openedRanged((request, response) => {
      if (request.url === '/film') response.writeHead(302, { location: '/signed' }).end()
      else if (read) response.writeHead(status).end()
      else {
        read = true
        answerWith(DATA, request, response)
      }
    })
    await expect(bytesOf(reader.stream({ start: 500_000, end: 500_009 }, never))).rejects.toMatchObject({
      code,
      retry: false,
    })
    expect(host.requests.map(({ url }) => url)).toEqual(['/film', '/signed', '/signed', '/film', '/signed'])
  })
})

describe('a host that does not support range requests', () => {
  test('is read from the first response', async () => {
    const { host, remote } = await opened((_, response) =>
      response.writeHead(200, { 'content-length': DATA.length }).end(DATA),
    )
    if (remote.kind !== 'sequential') throw new Error('The test host must not support range requests.')
    expect(remote.size).toBe(DATA.length)
    expect((await bytesOf(remote.body)).equals(DATA)).toBe(true)
    expect(host.requests).toHaveLength(1)
  })

  test('or states no size with its ranges is asked for the whole file', async () => {
    const { host, remote } = await opened((request, response) =>
      request.headers.range
        ? response.writeHead(206, { 'content-range': 'bytes 0-9/*' }).end('0123456789')
        : response.writeHead(200).end(DATA),
    )
    expect(remote.kind).toBe('sequential')
    expect(host.requests).toHaveLength(2)
  })
})

describe('a source', () => {
  test.each([
    ['in ranges', ((q, r) => answerWith(DATA, q, r)) as RequestListener],
    ['whole', ((_, r) => r.writeHead(200, { 'content-length': DATA.length }).end(DATA)) as RequestListener],
  ])('that is too large is refused by its stated size, %s', async (_, answer) => {
    await expect(opened(answer, { maxBytes: DATA.length - 1 })).rejects.toMatchObject({
      code: 'source.too_large',
      retry: false,
    })
  })

  test.each([
    ['in ranges', ((q, r) => answerWith(Buffer.alloc(0), q, r)) as RequestListener],
    ['whole', ((_, r) => r.writeHead(200, { 'content-length': 0 }).end()) as RequestListener],
  ])('that is empty is unreadable, %s', async (_, answer) => {
    await expect(opened(answer)).rejects.toMatchObject({ code: 'media.unreadable' })
  })
})
