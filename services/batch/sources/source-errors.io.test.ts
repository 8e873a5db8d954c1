import type { RequestListener } from 'node:http'
import { gzipSync } from 'node:zlib'
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
      'a compression that nobody can undo',
      (_, r) => r.writeHead(200, { 'content-encoding': 'compress' }).end('bomb'),
      'the host compressed its answer although that was not requested',
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

  test.each([408, 409, 423, 425, 429, 500, 502, 503, 504])(
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

  test.each([
    [
      'does not exist',
      async () => {
        throw Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' })
      },
    ],
    ['has no address', async () => []],
    ['belongs to the network inside', async () => [{ address: '10.0.0.1', family: 4 }]],
  ])('a host name that %s gets the same answer as the others', async (_, resolve) => {
    const fetch = createGuardedFetch({ allowHosts: [], readTimeoutMs: 5000, resolve })
    await expect(fetch.get('http://nowhere.test/')).rejects.toMatchObject({
      code: 'source.refused',
      retry: false,
      message:
        'Cannot fetch the source from nowhere.test: the host name does not exist or has an address that is not public. Check its spelling, and use a public http or https URL.',
    })
    await fetch.close()
  })
})

const ASKS_FOR_HEADERS =
  'Use a URL that works without signing in, such as a signed URL, or give the request headers that the host expects as `headers` of the source.'

describe('permanent failures', () => {
  test.each([
    [401, 'source.denied', ASKS_FOR_HEADERS],
    [403, 'source.denied', ASKS_FOR_HEADERS],
    [404, 'source.not_found', 'Check that the URL points to an existing file.'],
    [410, 'source.not_found', 'Check that the URL points to an existing file.'],
    [451, 'source.denied', 'The host withholds the file for legal reasons: upload the file instead.'],
    ...[400, 405, 406, 414, 418, 422].map((status): [number, string, string] => [
      status,
      'source.rejected',
      'Check that the URL is complete and has not expired, and that it downloads in a browser.',
    ]),
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

  const PAGE_ADVICE =
    'Use a direct download link: the address of the file itself, not of a page that shows it or asks to sign in.'
  const permanent: [string, RequestListener, string, string][] = [
    [
      'a page',
      (_, r) => r.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('<p>Sign in</p>'),
      'source.not_media',
      `the host answered with a page instead of a media file. ${PAGE_ADVICE}`,
    ],
    [
      'a page that is called a video',
      (_, r) => r.writeHead(200, { 'content-type': 'video/mp4' }).end('\n<!DOCTYPE html><title>Film</title>'),
      'source.not_media',
      `the host answered with a page instead of a media file. ${PAGE_ADVICE}`,
    ],
    [
      'a compressed page',
      (_, r) =>
        r
          .writeHead(200, { 'content-type': 'text/html', 'content-encoding': 'gzip' })
          .end(gzipSync('<p>Sign in</p>')),
      'source.not_media',
      `the host answered with a page instead of a media file. ${PAGE_ADVICE}`,
    ],
    [
      'an error as JSON',
      (_, r) => r.writeHead(200, { 'content-type': 'application/json' }).end('{"error":"quota exceeded"}'),
      'source.not_media',
      `the host answered with a page instead of a media file. ${PAGE_ADVICE}`,
    ],
    [
      'an endless redirect',
      (_, r) => r.writeHead(302, { location: '/again' }).end(),
      'source.rejected',
      'the URL redirects more than 5 times. Use the address that a browser ends at.',
    ],
  ]
  test.each(permanent)('%s', async (_, answer, code, why) => {
    await fetchFrom(answer, (fetched, hostPort) =>
      expect(fetched).rejects.toMatchObject({
        code,
        retry: false,
        message: `Cannot fetch the source from ${hostPort}: ${why}`,
      }),
    )
  })
})
