import type { RequestListener } from 'node:http'
import { describe, expect, test } from '@jest/globals'
import { createGuardedFetch } from './guarded-fetch.ts'
import { bytesOf, startTestHost } from './testing/source-host.ts'

type Fetched = ReturnType<ReturnType<typeof createGuardedFetch>['get']>

/** Fetches from a host that answers like this, for as long as it is looked at. */
async function fetchFrom(
  answer: RequestListener,
  look: (fetched: Fetched, hostPort: string) => Promise<void>,
  silenceMs = 5000,
) {
  const { hostPort, origin, close } = await startTestHost(answer)
  const fetch = createGuardedFetch({ allowHosts: [hostPort], silenceMs })
  try {
    await look(fetch.get(`${origin}/`), hostPort)
  } finally {
    await fetch.close()
    await close()
  }
}

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
    await fetchFrom(
      answer,
      (fetched, hostPort) =>
        expect(fetched).rejects.toMatchObject({
          code: 'source.unavailable',
          retry: true,
          message: `The source at ${hostPort} could not be fetched: ${why}.`,
        }),
      200,
    )
  })

  test.each([400, 408, 425, 429, 500, 502, 503, 504])('a host that answers %i for now', async (status) => {
    await fetchFrom(
      (_, response) => response.writeHead(status).end(),
      (fetched, hostPort) =>
        expect(fetched).rejects.toMatchObject({
          code: 'source.unavailable',
          retry: true,
          message: `The source at ${hostPort} could not be fetched: it answered ${status}.`,
        }),
    )
  })

  test('a body that falls silent', async () => {
    await fetchFrom(
      (_, response) => {
        response.writeHead(200, { 'content-length': 10 }).write('01234')
      },
      async (fetched) => {
        const reply = await fetched
        await expect(bytesOf(reply.body)).rejects.toMatchObject({ code: 'source.unavailable' })
      },
      200,
    )
  })

  test('a name that nobody knows', async () => {
    const resolve = async () => {
      throw Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' })
    }
    const fetch = createGuardedFetch({ allowHosts: [], silenceMs: 5000, resolve })
    await expect(fetch.get('http://nowhere.test/')).rejects.toMatchObject({
      code: 'source.unavailable',
      message: 'The source at nowhere.test could not be fetched: its name is not known.',
    })
    await fetch.close()
  })
})

describe('what no further try can mend', () => {
  test.each([
    [401, 'source.denied', 'give an address that is good without a login'],
    [403, 'source.denied', 'give an address that is good without a login'],
    [404, 'source.not_found', 'nothing is at this address'],
    [410, 'source.not_found', 'nothing is at this address'],
  ])('a host that answers %i', async (status, code, advice) => {
    await fetchFrom(
      (_, response) => response.writeHead(status).end(),
      (fetched, hostPort) =>
        expect(fetched).rejects.toMatchObject({
          code,
          retry: false,
          message: `The source at ${hostPort} could not be fetched: it answered ${status}; ${advice}.`,
        }),
    )
  })
})
