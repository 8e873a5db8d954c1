import type { RequestListener } from 'node:http'
import { afterEach, describe, expect, test } from '@jest/globals'
import type { Guard, ResolvedAddress } from './guarded-connector.ts'
import { createGuardedFetch } from './guarded-fetch.ts'
import { answerWith, bytesOf, startTestHost } from './test-host.ts'

const cleanUps: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

const DATA = Buffer.from('0123456789')

async function host(answer: RequestListener, where?: { port?: number; address?: string }) {
  const started = await startTestHost(answer, where)
  cleanUps.push(started.close)
  return started
}

function guardedFetch(guard: Partial<Guard>) {
  const fetch = createGuardedFetch({ allowHosts: [], silenceMs: 5000, ...guard })
  cleanUps.push(fetch.close)
  return fetch
}

/** A resolver that gives each of these answers once, then the last for ever. */
function resolver(...answers: string[][]) {
  const asked: string[] = []
  const resolve = async (name: string): Promise<ResolvedAddress[]> => {
    const answer = answers[Math.min(asked.length, answers.length - 1)] ?? []
    asked.push(name)
    return answer.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
  }
  return { resolve, asked }
}

describe('what is refused', () => {
  test.each([
    ['http://127.1/'],
    ['http://0177.0.0.1/'],
    ['http://2130706433/'],
    ['http://[::ffff:127.0.0.1]/'],
    ['http://[::127.0.0.1]/'],
    ['http://[64:ff9b::7f00:1]/'],
    ['http://169.254.169.254/'],
    ['file:///etc/passwd'],
    ['http://me:secret@example.com/'],
    ['not a URL'],
  ])('%s, before any name is looked up', async (url) => {
    const { resolve, asked } = resolver(['127.0.0.1'])
    await expect(guardedFetch({ resolve }).get(url)).rejects.toMatchObject({
      code: 'source.refused',
      retry: false,
    })
    expect(asked).toEqual([])
  })

  test.each([
    ['loopback', ['127.0.0.1']],
    ['loopback v6', ['::1']],
    ['metadata', ['169.254.169.254']],
    ['a private address behind a public one', ['93.184.215.14', '10.0.0.1']],
    ['loopback, mapped', ['::ffff:127.0.0.1']],
  ])('a name that leads to %s, and the message does not say where it leads', async (_, addresses) => {
    const inside = await host((_request, response) => response.end('secret'))
    const { resolve } = resolver(addresses)
    const refusal = guardedFetch({ resolve }).get(`http://harmless.test:${inside.port}/`)
    await expect(refusal).rejects.toMatchObject({
      code: 'source.refused',
      message: 'harmless.test is not read: only public addresses are read.',
    })
    expect(inside.requests).toEqual([])
  })

  test.each([
    ['the metadata server', 'http://169.254.169.254/computeMetadata/v1/'],
    ['loopback in disguise', 'http://[::ffff:7f00:1]/'],
    ['a file', 'file:///etc/passwd'],
    ['credentials', 'http://me:secret@example.com/'],
    ['a mail server', 'http://example.com:25/'],
  ])('a redirect to %s', async (_, location) => {
    const outside = await host((_request, response) => response.writeHead(302, { location }).end())
    await expect(
      guardedFetch({ allowHosts: [outside.hostPort] }).get(`${outside.origin}/`),
    ).rejects.toMatchObject({ code: 'source.refused' })
  })

  test('a redirect to another port of an allowed host', async () => {
    const inside = await host((_request, response) => response.end('secret'))
    const outside = await host((_request, response) =>
      response.writeHead(302, { location: `${inside.origin}/` }).end(),
    )
    await expect(
      guardedFetch({ allowHosts: [outside.hostPort] }).get(`${outside.origin}/`),
    ).rejects.toMatchObject({ code: 'source.refused' })
    expect(inside.requests).toEqual([])
  })
})

describe('a name that changes its mind', () => {
  // Two loopback addresses play the public one and the internal one.
  const onlyTheFirst = (address: string) => address === '127.0.0.1'

  test('is dialled where it was checked: it is looked up once for a connection', async () => {
    const outside = await host((request, response) => answerWith(DATA, request, response))
    const inside = await host((_request, response) => response.end('secret'), {
      port: outside.port,
      address: '127.0.0.2',
    })
    const { resolve, asked } = resolver(['127.0.0.1'], ['127.0.0.2'])
    const fetch = guardedFetch({ resolve, mayDial: onlyTheFirst })
    const reply = await fetch.get(`http://rebinding.test:${outside.port}/`)
    expect((await bytesOf(reply.body)).toString()).toBe('0123456789')
    expect(asked).toEqual(['rebinding.test'])
    expect(inside.requests).toEqual([])
  })

  test('is refused at the next connection', async () => {
    const outside = await host((request, response) =>
      answerWith(DATA, request, response, { connection: 'close' }),
    )
    const inside = await host((_request, response) => response.end('secret'), {
      port: outside.port,
      address: '127.0.0.2',
    })
    const { resolve } = resolver(['127.0.0.1'], ['127.0.0.2'])
    const fetch = guardedFetch({ resolve, mayDial: onlyTheFirst })
    const url = `http://rebinding.test:${outside.port}/`
    await bytesOf((await fetch.get(url)).body)
    await expect(fetch.get(url)).rejects.toMatchObject({ code: 'source.refused' })
    expect(inside.requests).toEqual([])
  })
})

describe('what is unavailable', () => {
  const failing: [string, RequestListener, string][] = [
    ['an error', (_, r) => r.writeHead(500).end('stack trace'), 'it answered 500'],
    [
      'a page',
      (_, r) => r.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('<html>'),
      'it answered with a page, not with media',
    ],
    [
      'a compressed reply',
      (_, r) => r.writeHead(200, { 'content-encoding': 'gzip' }).end('bomb'),
      'it answered compressed, which was not asked for',
    ],
    [
      'an endless redirect',
      (_, r) => r.writeHead(302, { location: '/again' }).end(),
      'it was still redirecting after 5 times',
    ],
    ['a hang-up', (_, r) => r.destroy(), 'the connection broke'],
    ['silence', () => undefined, 'it did not answer in time'],
  ]
  test.each(failing)('%s', async (_, answer, why) => {
    const { hostPort, origin } = await host(answer)
    await expect(
      guardedFetch({ allowHosts: [hostPort], silenceMs: 200 }).get(`${origin}/`),
    ).rejects.toMatchObject({
      code: 'source.unavailable',
      retry: true,
      message: `The source at ${hostPort} could not be fetched: ${why}.`,
    })
  })

  test.each([400, 408, 425, 429, 500, 502, 503, 504])('a host that answers %i for now', async (status) => {
    const { hostPort, origin } = await host((_, response) => response.writeHead(status).end())
    await expect(guardedFetch({ allowHosts: [hostPort] }).get(`${origin}/`)).rejects.toMatchObject({
      code: 'source.unavailable',
      retry: true,
      message: `The source at ${hostPort} could not be fetched: it answered ${status}.`,
    })
  })

  test('a body that falls silent', async () => {
    const { hostPort, origin } = await host((_, response) => {
      response.writeHead(200, { 'content-length': 10 }).write('01234')
    })
    const reply = await guardedFetch({ allowHosts: [hostPort], silenceMs: 200 }).get(`${origin}/`)
    await expect(bytesOf(reply.body)).rejects.toMatchObject({ code: 'source.unavailable' })
  })

  test('a name that nobody knows', async () => {
    const resolve = async () => {
      throw Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' })
    }
    await expect(guardedFetch({ resolve }).get('http://nowhere.test/')).rejects.toMatchObject({
      code: 'source.unavailable',
      message: 'The source at nowhere.test could not be fetched: its name is not known.',
    })
  })
})

describe('what no further try can mend', () => {
  test.each([
    [401, 'source.denied', 'give an address that is good without a login'],
    [403, 'source.denied', 'give an address that is good without a login'],
    [404, 'source.not_found', 'nothing is at this address'],
    [410, 'source.not_found', 'nothing is at this address'],
  ])('a host that answers %i', async (status, code, advice) => {
    const { hostPort, origin } = await host((_, response) => response.writeHead(status).end())
    await expect(guardedFetch({ allowHosts: [hostPort] }).get(`${origin}/`)).rejects.toMatchObject({
      code,
      retry: false,
      message: `The source at ${hostPort} could not be fetched: it answered ${status}; ${advice}.`,
    })
  })
})

test('redirects are followed to where the file is, and nothing but the range travels along', async () => {
  const there = await host((request, response) => answerWith(DATA, request, response))
  const here = await host((_request, response) =>
    response.writeHead(302, { location: `${there.origin}/file.mp4`, 'set-cookie': 'session=1' }).end('moved'),
  )
  const fetch = guardedFetch({ allowHosts: [here.hostPort, there.hostPort] })
  const reply = await fetch.get(`${here.origin}/`, { range: { start: 2, end: 4 }, ifRange: '"v1"' })
  expect(reply).toMatchObject({ url: `${there.origin}/file.mp4`, status: 206 })
  expect((await bytesOf(reply.body)).toString()).toBe('234')
  expect(there.requests.map(({ headers }) => headers)).toEqual([
    {
      accept: '*/*',
      'accept-encoding': 'identity',
      connection: 'keep-alive',
      host: there.hostPort,
      'if-range': '"v1"',
      range: 'bytes=2-4',
      'user-agent': 'Cutroom',
    },
  ])
})

test('aborting ends a request with the reason given', async () => {
  const stop = new AbortController()
  const { hostPort, origin } = await host(() => stop.abort(new Error('no longer wanted')))
  await expect(
    guardedFetch({ allowHosts: [hostPort] }).get(`${origin}/`, { signal: stop.signal }),
  ).rejects.toThrow('no longer wanted')
})
