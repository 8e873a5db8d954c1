import { mkdtemp, readFile, rm } from 'node:fs/promises'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync, constants, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { afterEach, describe, expect, test } from '@jest/globals'
import { silentLogger } from '#shared/observability/logger.ts'
import { createSources, type SourceLimits } from './open-source.ts'
import { startRangeServer } from './range-server.ts'
import { answerWith, numberedBytes, startTestHost } from './testing/source-host.ts'

const DATA = numberedBytes(2_000_000)
const never = new AbortController().signal

const cleanUps: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

/** Sources on a host that answers like this, and the ways to read one of them. */
async function startHost(answer: RequestListener, limits: Partial<SourceLimits> = {}) {
  const host = await startTestHost(answer)
  const rangeServer = await startRangeServer(silentLogger)
  const scratchDir = await mkdtemp(join(tmpdir(), 'cutroom-habits-'))
  const sources = createSources({
    storage: { stat: async () => undefined, read: async () => Promise.reject(new Error('never')) },
    limits: { allowHosts: [host.hostPort], maxBytes: 2 * DATA.length, readTimeoutMs: 5000, ...limits },
    rangeServer,
    log: silentLogger,
  })
  cleanUps.push(
    () => rm(scratchDir, { recursive: true }),
    () => rangeServer.close(),
    host.close,
    () => sources.close(),
  )
  const open = (path = '/film') => sources.open({ url: `${host.origin}${path}` }, scratchDir, never)
  return { host, open }
}

/** All bytes of a source, as ffmpeg would get them. */
async function read({ input: { url } }: { input: { url: string } }): Promise<Buffer> {
  if (url.startsWith('file:')) return readFile(url.slice('file:'.length))
  return Buffer.from(await (await fetch(url)).arrayBuffer())
}

async function expectWhole(answer: RequestListener, limits?: Partial<SourceLimits>) {
  const { host, open } = await startHost(answer, limits)
  await using source = await open()
  expect((await read(source)).equals(DATA)).toBe(true)
  return { host, copied: source.input.url.startsWith('file:') }
}

/** Answers one request at a time, slowly, and refuses others meanwhile. */
function oneAtATime(refuse: (response: ServerResponse) => void): RequestListener {
  let active = 0
  return (request, response) => {
    if (active > 0) return refuse(response)
    active++
    response.once('close', () => active--)
    setTimeout(() => answerWith(DATA, request, response), 20)
  }
}

describe('a host that serves one request at a time is read in turns', () => {
  test.each<[string, (response: ServerResponse) => void]>([
    ['429 with Retry-After', (r) => r.writeHead(429, { 'retry-after': '0' }).end()],
    ['503 with Retry-After', (r) => r.writeHead(503, { 'retry-after': '0' }).end()],
    ['429', (r) => r.writeHead(429).end()],
    ['403', (r) => r.writeHead(403).end()],
    ['a closed connection', (r) => r.destroy()],
  ])('when it refuses others with %s', async (_, refuse) => {
    const { copied } = await expectWhole(oneAtATime(refuse))
    expect(copied).toBe(false)
  })

  test('by several sources at once', async () => {
    const { open } = await startHost(oneAtATime((r) => r.writeHead(429, { 'retry-after': '0' }).end()))
    const opened = await Promise.all([open('/a'), open('/b'), open('/c')])
    for (const each of await Promise.all(opened.map(read))) expect(each.equals(DATA)).toBe(true)
    await Promise.all(opened.map((source) => source.close()))
  })
})

test('a host that asks to wait is asked again, but not for ever', async () => {
  let refused = 0
  const { open } = await startHost((request, response) =>
    refused++ < 2
      ? response.writeHead(429, { 'retry-after': '0' }).end()
      : answerWith(DATA, request, response),
  )
  await using source = await open()
  expect((await read(source)).equals(DATA)).toBe(true)

  const busy = await startHost((_, response) => response.writeHead(429, { 'retry-after': '0' }).end())
  await expect(busy.open()).rejects.toMatchObject({ code: 'source.unavailable', retry: true })
  expect(busy.host.requests.length).toBeLessThan(10)
})

const isFirst = ({ headers: { range } }: IncomingMessage) => range?.startsWith('bytes=0-')
const whole: RequestListener = (_, response) =>
  response.writeHead(200, { 'content-length': DATA.length }).end(DATA)

describe('a host that answers ranges wrongly is read in one piece', () => {
  let count = 0
  const habits: [string, RequestListener][] = [
    [
      'an ETag that is new with every answer',
      (request, response) => answerWith(DATA, request, response, { etag: `"${count++}"` }),
    ],
    [
      'ranges answered at the first request only',
      (request, response) =>
        isFirst(request) ? answerWith(DATA, request, response) : whole(request, response),
    ],
    [
      'ranges whose end is ignored',
      (request, response) => {
        const start = Number(/bytes=(\d+)/.exec(request.headers.range ?? '')?.[1] ?? -1)
        if (start < 0) return whole(request, response)
        response.writeHead(206, { 'content-range': `bytes ${start}-${DATA.length - 1}/${DATA.length}` })
        response.end(DATA.subarray(start))
      },
    ],
    [
      'other ranges than requested',
      (request, response) =>
        isFirst(request) || !request.headers.range
          ? answerWith(DATA, request, response)
          : response
              .writeHead(206, { 'content-range': `bytes 0-9/${DATA.length}` })
              .end(DATA.subarray(0, 10)),
    ],
    [
      'more bytes than it states',
      (request, response) =>
        request.headers.range
          ? response
              .writeHead(206, { 'content-range': `bytes 0-9/${DATA.length}` })
              .end(DATA.subarray(0, 1000))
          : whole(request, response),
    ],
    ...[400, 403, 405, 416, 500, 501].map((status): [string, RequestListener] => [
      `ranges refused with ${status}`,
      (request, response) =>
        request.headers.range ? response.writeHead(status).end() : whole(request, response),
    ]),
    ...[400, 403, 416].map((status): [string, RequestListener] => [
      `ranges behind the first refused with ${status}`,
      (request, response) =>
        isFirst(request) || !request.headers.range
          ? answerWith(DATA, request, response)
          : response.writeHead(status).end(),
    ]),
    [
      'ranges behind the first refused behind a redirect',
      (request, response) => {
        if (request.url === '/film') response.writeHead(302, { location: '/signed' }).end()
        else if (isFirst(request) || !request.headers.range) answerWith(DATA, request, response)
        else response.writeHead(403).end()
      },
    ],
    [
      'a connection that it closes at a range',
      (request, response) => (request.headers.range ? response.destroy() : whole(request, response)),
    ],
  ]
  test.each(habits)('%s', async (_, answer) => {
    expect((await expectWhole(answer)).copied).toBe(true)
  })

  test('within the limit of copies', async () => {
    const [, answer] = habits[0] ?? []
    const { open } = await startHost(answer as RequestListener, { scratchBytes: 1_000_000 })
    await expect(open()).rejects.toMatchObject({ code: 'source.too_large' })
  })

  test('at the next attempt, when it does so only later', async () => {
    let requests = 0
    const { open } = await startHost((request, response) =>
      answerWith(DATA, request, response, { etag: requests++ < 2 ? '"a"' : `"${requests}"` }),
    )
    const first = await open()
    await read(first).catch(() => undefined)
    expect(first.readError()).toMatchObject({ code: 'source.unavailable' })
    await first.close()
    await using second = await open()
    expect((await read(second)).equals(DATA)).toBe(true)
  })
})

test('a host that has only the first half of a file yet is not waited for when the source is opened', async () => {
  const { open } = await startHost((request, response) => {
    const end = Number(/-(\d+)$/.exec(request.headers.range ?? '')?.[1] ?? DATA.length)
    if (end < DATA.length / 2) answerWith(DATA, request, response)
  })
  await using source = await open()
  expect(source.input.url).toMatch(/^http:/)
})

test('a host whose Last-Modified is always now is read in ranges', async () => {
  const { copied, host } = await expectWhole((request, response) => {
    if (request.headers['if-range']) return whole(request, response)
    answerWith(DATA, request, response, { 'last-modified': new Date().toUTCString() })
  })
  expect(copied).toBe(false)
  expect(host.requests.every(({ headers }) => headers['if-range'] === undefined)).toBe(true)
})

describe('a host that compresses whatever it sends', () => {
  test.each<[string, Buffer]>([
    ['gzip', gzipSync(DATA)],
    ['x-gzip', gzipSync(DATA)],
    ['deflate', deflateSync(DATA)],
    ['deflate', deflateRawSync(DATA)],
    ['br', brotliCompressSync(DATA, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } })],
  ])('with %s', async (encoding, bytes) => {
    const answer: RequestListener = (_, response) =>
      response.writeHead(200, { 'content-encoding': encoding, 'content-length': bytes.length }).end(bytes)
    expect((await expectWhole(answer)).copied).toBe(true)
  })

  test('ranges included', async () => {
    const bytes = gzipSync(DATA)
    await expectWhole((request, response) =>
      answerWith(bytes, request, response, { 'content-encoding': 'gzip' }),
    )
  })

  test('or only says so', async () => {
    await expectWhole((_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(DATA))
  })

  test('cannot exceed the limits with it', async () => {
    const bomb = gzipSync(Buffer.alloc(20_000_000))
    const { open } = await startHost((_, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb),
    )
    await expect(open()).rejects.toMatchObject({ code: 'source.too_large' })
  })

  test('and breaks off is noticed', async () => {
    const half = gzipSync(DATA).subarray(0, 50_000)
    const { open } = await startHost((_, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(half),
    )
    await expect(open()).rejects.toMatchObject({ code: 'source.unavailable' })
  })
})

test.each(['text/html', 'application/xml', 'application/json; charset=utf-8'])(
  'media that is called %s is read',
  async (type) => {
    const { copied } = await expectWhole((request, response) =>
      answerWith(DATA, request, response, { 'content-type': type }),
    )
    expect(copied).toBe(false)
  },
)

test('a host that sets a cookie and redirects to the same URL gets it back', async () => {
  const { host } = await expectWhole((request, response) =>
    request.headers.cookie === 'session=1'
      ? answerWith(DATA, request, response)
      : response.writeHead(302, { location: '/film', 'set-cookie': 'session=1; Path=/; HttpOnly' }).end(),
  )
  expect(host.requests.every(({ url }) => url === '/film')).toBe(true)
})

test('a cookie does not follow a redirect to another host', async () => {
  const other = await startTestHost((request, response) => answerWith(DATA, request, response))
  cleanUps.push(other.close)
  const { open } = await startHost(
    (_, response) =>
      response.writeHead(302, { location: `${other.origin}/film`, 'set-cookie': 'session=1' }).end(),
    { allowHosts: ['127.0.0.1'] },
  )
  await using source = await open()
  expect((await read(source)).equals(DATA)).toBe(true)
  expect(other.requests.every(({ headers }) => headers.cookie === undefined)).toBe(true)
})
