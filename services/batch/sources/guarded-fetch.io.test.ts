import type { RequestListener } from 'node:http'
import { afterEach, describe, expect, test } from '@jest/globals'
import type { ConnectionGuard, ResolvedAddress } from './guarded-connector.ts'
import { createGuardedFetch } from './guarded-fetch.ts'
import { answerWith, bytesOf, startTestHost } from './testing/source-host.ts'

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

function guardedFetch(guard: Partial<ConnectionGuard>) {
  const fetch = createGuardedFetch({ allowHosts: [], readTimeoutMs: 5000, ...guard })
  cleanUps.push(fetch.close)
  return fetch
}

/** A resolver that returns each of these answers once, and then always the last. */
function resolver(...answers: string[][]) {
  const lookups: string[] = []
  const resolve = async (name: string): Promise<ResolvedAddress[]> => {
    const answer = answers[Math.min(lookups.length, answers.length - 1)] ?? []
    lookups.push(name)
    return answer.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
  }
  return { resolve, lookups }
}

describe('refuses', () => {
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
  ])('%s, before looking up any name', async (url) => {
    const { resolve, lookups } = resolver(['127.0.0.1'])
    await expect(guardedFetch({ resolve }).get(url)).rejects.toMatchObject({
      code: 'source.refused',
      retry: false,
    })
    expect(lookups).toEqual([])
  })

  test.each([
    ['loopback', ['127.0.0.1']],
    ['loopback v6', ['::1']],
    ['metadata', ['169.254.169.254']],
    ['a private address after a public one', ['93.184.215.14', '10.0.0.1']],
    ['loopback, IPv4-mapped', ['::ffff:127.0.0.1']],
  ])('a name that resolves to %s, without revealing the address in the message', async (_, addresses) => {
    const inside = await host((_request, response) => response.end('secret'))
    const { resolve } = resolver(addresses)
    const refusal = guardedFetch({ resolve }).get(`http://harmless.test:${inside.port}/`)
    await expect(refusal).rejects.toMatchObject({
      code: 'source.refused',
      message:
        'Cannot fetch the source from harmless.test: the host name does not exist or has an address that is not public. Check its spelling, and use a public http or https URL.',
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

describe('a name that resolves to another address later', () => {
  // Two loopback addresses stand for a public and an internal one.
  const onlyTheFirst = (address: string) => address === '127.0.0.1'

  test('is connected to the address that was checked: one lookup for each connection', async () => {
    const outside = await host((request, response) => answerWith(DATA, request, response))
    const inside = await host((_request, response) => response.end('secret'), {
      port: outside.port,
      address: '127.0.0.2',
    })
    const { resolve, lookups } = resolver(['127.0.0.1'], ['127.0.0.2'])
    const fetch = guardedFetch({ resolve, mayConnect: onlyTheFirst })
    const reply = await fetch.get(`http://rebinding.test:${outside.port}/`)
    expect((await bytesOf(reply.body)).toString()).toBe('0123456789')
    expect(lookups).toEqual(['rebinding.test'])
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
    const fetch = guardedFetch({ resolve, mayConnect: onlyTheFirst })
    const url = `http://rebinding.test:${outside.port}/`
    await bytesOf((await fetch.get(url)).body)
    await expect(fetch.get(url)).rejects.toMatchObject({ code: 'source.refused' })
    expect(inside.requests).toEqual([])
  })
})

test('follows redirects to the file, and sends no headers but the range', async () => {
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

test('an abort ends a request with its reason', async () => {
  const stop = new AbortController()
  const { hostPort, origin } = await host(() => stop.abort(new Error('no longer wanted')))
  await expect(
    guardedFetch({ allowHosts: [hostPort] }).get(`${origin}/`, { signal: stop.signal }),
  ).rejects.toThrow('no longer wanted')
})
