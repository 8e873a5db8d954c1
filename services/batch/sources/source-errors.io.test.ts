import type { RequestListener } from 'node:http'
import { describe, expect, test } from '@jest/globals'
import { createGuardedFetch } from './guarded-fetch.ts'
import { bytesOf, startTestHost } from './testing/source-host.ts'

type Fetched = ReturnType<ReturnType<typeof createGuardedFetch>['get']>

/** Fetches from a host that answers like this, and closes it after the check. */
async function fetchFrom(
  answer: RequestListener,
  check: (fetched: Fetched, hostPort: string) => Promise<void>,
  readTimeoutMs = 5000,
) {
  const { hostPort, origin, close } = await startTestHost(answer)
  const fetch = createGuardedFetch({ allowHosts: [hostPort], readTimeoutMs })
  try {
    await check(fetch.get(`${origin}/`), hostPort)
  } finally {
    await fetch.close()
    await close()
  }
}

describe('source.unavailable', () => {
  const failing: [string, RequestListener, string][] = [
    ['an error', (_, r) => r.writeHead(500).end('stack trace'), 'the host answered 500'],
    [
      'a page',
      (_, r) => r.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('<html>'),
      'the host answered with a page instead of a media file',
    ],
    [
      'a compressed reply',
      (_, r) => r.writeHead(200, { 'content-encoding': 'gzip' }).end('bomb'),
      'the host compressed its answer although that was not requested',
    ],
    [
      'an endless redirect',
      (_, r) => r.writeHead(302, { location: '/again' }).end(),
      'the URL redirects more than 5 times',
    ],
    ['a closed connection', (_, r) => r.destroy(), 'the connection was interrupted'],
    ['silence', () => undefined, 'the host did not answer in time'],
  ]
  test.each(failing)('%s', async (_, answer, why) => {
    await fetchFrom(
      answer,
      (fetched, hostPort) =>
        expect(fetched).rejects.toMatchObject({
          code: 'source.unavailable',
          retry: true,
          message: `Cannot fetch the source from ${hostPort}: ${why}.`,
        }),
      200,
    )
  })

  test.each([400, 408, 425, 429, 500, 502, 503, 504])(
    'a host that answers %i temporarily',
    async (status) => {
      await fetchFrom(
        (_, response) => response.writeHead(status).end(),
        (fetched, hostPort) =>
          expect(fetched).rejects.toMatchObject({
            code: 'source.unavailable',
            retry: true,
            message: `Cannot fetch the source from ${hostPort}: the host answered ${status}.`,
          }),
      )
    },
  )

  test('a body that stops half way', async () => {
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

  test('a host name that does not exist', async () => {
    const resolve = async () => {
      throw Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' })
    }
    const fetch = createGuardedFetch({ allowHosts: [], readTimeoutMs: 5000, resolve })
    await expect(fetch.get('http://nowhere.test/')).rejects.toMatchObject({
      code: 'source.unavailable',
      message: 'Cannot fetch the source from nowhere.test: the host name does not exist.',
    })
    await fetch.close()
  })
})

describe('permanent failures', () => {
  test.each([
    [401, 'source.denied', 'Use a URL that works without signing in, such as a signed URL.'],
    [403, 'source.denied', 'Use a URL that works without signing in, such as a signed URL.'],
    [404, 'source.not_found', 'Check that the URL points to an existing file.'],
    [410, 'source.not_found', 'Check that the URL points to an existing file.'],
  ])('a host that answers %i', async (status, code, advice) => {
    await fetchFrom(
      (_, response) => response.writeHead(status).end(),
      (fetched, hostPort) =>
        expect(fetched).rejects.toMatchObject({
          code,
          retry: false,
          message: `Cannot fetch the source from ${hostPort}: the host answered ${status}. ${advice}`,
        }),
    )
  })
})
