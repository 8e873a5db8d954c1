import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { Destination } from '#shared/contract/tasks/destination.ts'
import type { StoredOutput } from '#shared/tasks/rows.ts'
import { recordingLog } from '../jobs/testing/fakes.ts'
import { createDelivery, type Delivery } from './deliver-outputs.ts'
import { verifySignature } from './testing/verify-signature.ts'

type Put = { method: string | undefined; url: string; headers: IncomingMessage['headers']; body: string }

let server: Server
let host: string
let received: Put[]
let answer: (response: ServerResponse, count: number) => void
let delivery: Delivery
const { log, lines } = recordingLog()
beforeAll(async () => {
  server = createServer(async (request, response) => {
    const { method, url = '', headers } = request
    const body = await text(request).catch(() => undefined)
    if (body === undefined) return
    received.push({ method, url, headers, body })
    answer(response, received.length)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  delivery = open([host])
})
beforeEach(() => {
  received = []
  answer = (response) => response.writeHead(200).end()
})
afterEach(() => expect(JSON.stringify(lines)).not.toContain('s3cret'))
afterAll(async () => {
  await delivery.close()
  server.closeAllConnections()
  server.close()
})

const storage = { read: async (key: string) => Readable.from([`bytes of `, key]) }
const open = (allowHosts: string[]) =>
  createDelivery({
    storage,
    guard: { allowHosts, readTimeoutMs: 5_000 },
    minPace: { bytesPerSecond: 64_000, windowMs: 30_000, graceMs: 0 },
    log,
    delay: { baseMs: 1, maxMs: 1, jitter: 0 },
  })
const output = (name: string): StoredOutput => ({
  name,
  content_type: 'video/mp4',
  bytes: `bytes of ${name}`.length,
  key: name,
})
const urlsTo = (path: string, origin = `http://${host}`) =>
  Destination.parse({ urls: { 'a.mp4': `${origin}${path}?signature=s3cret` } })
const deliver = (destination: Destination, names = ['a.mp4'], by = delivery) =>
  by.deliver(names.map(output), destination, new AbortController().signal)

describe('a host name', () => {
  test.each([
    [
      'that does not exist',
      async () => Promise.reject(Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' })),
    ],
    ['of a private address', async () => [{ address: '10.0.0.1', family: 4 }]],
  ])('%s gets the same answer as the others', async (_, resolve) => {
    const guarded = createDelivery({ storage, guard: { allowHosts: [], readTimeoutMs: 5_000, resolve }, log })
    await expect(deliver(urlsTo('/a', 'https://nowhere.test'), ['a.mp4'], guarded)).rejects.toMatchObject({
      code: 'destination.refused',
      message: expect.stringContaining('does not exist or has an address that is not public'),
    })
    await guarded.close()
  })
})

describe('outputs', () => {
  test('are PUT to their presigned URLs, and those without one stay', async () => {
    expect(await deliver(urlsTo('/17.mp4'), ['a.mp4', 'b.mp4'])).toEqual([
      { ...output('a.mp4'), destination: `http://${host}/17.mp4` },
      output('b.mp4'),
    ])
    expect(received).toMatchObject([
      {
        method: 'PUT',
        url: '/17.mp4?signature=s3cret',
        body: 'bytes of a.mp4',
        headers: { 'content-type': 'video/mp4', 'content-length': '14' },
      },
    ])
    expect(received[0]?.headers).not.toHaveProperty('transfer-encoding')
  })

  test('are PUT into a bucket with a signature that the store accepts', async () => {
    const s3 = {
      bucket: 'renders',
      region: 'eu-central-1',
      prefix: 'orders/17 a/',
      endpoint: `http://${host}`,
      access_key_id: 'AKIA',
      secret_access_key: 's3cret',
    }
    const delivered = await deliver(Destination.parse({ s3 }), ['a.mp4', 'b.mp4'])
    expect(delivered.map(({ destination }) => destination)).toEqual([
      's3://renders/orders/17 a/a.mp4',
      's3://renders/orders/17 a/b.mp4',
    ])
    expect(received.map(({ url }) => url)).toEqual([
      '/renders/orders/17%20a/a.mp4',
      '/renders/orders/17%20a/b.mp4',
    ])
    for (const { url, headers } of received) {
      const put = { url: new URL(url, `http://${host}`), headers: headers as Record<string, string> }
      expect(verifySignature(put, { region: 'eu-central-1', secret: 's3cret' })).toBe(true)
    }
  })

  test('are sent again after a failure of the host', async () => {
    answer = (response, count) =>
      count === 1 ? response.destroy() : response.writeHead(count === 2 ? 503 : 201).end()
    await deliver(urlsTo('/a'))
    expect(received.map(({ body }) => body)).toEqual(Array(3).fill('bytes of a.mp4'))
  })
})

describe('a destination', () => {
  test.each([
    [403, 'destination.denied', 1],
    [401, 'destination.denied', 1],
    [404, 'destination.rejected', 1],
    [307, 'destination.rejected', 1],
    [500, 'destination.unavailable', 4],
    [429, 'destination.unavailable', 4],
  ])('that answers with %d fails with %s', async (status, code, tries) => {
    answer = (response) => response.writeHead(status, { location: `http://${host}/other` }).end('s3cret')
    const error = await deliver(urlsTo('/a')).catch((thrown: Error) => thrown)
    expect(error).toMatchObject({ code, message: expect.stringContaining(`status ${status}`) })
    expect(String(error)).not.toContain('s3cret')
    expect(received).toHaveLength(tries)
  })

  test('on a private address is refused, as an address and as a name', async () => {
    const guarded = open([])
    const port = host.split(':')[1]
    for (const origin of [`http://127.0.0.1:${port}`, `http://localhost:${port}`, 'http://169.254.169.254']) {
      await expect(deliver(urlsTo('/a', origin), ['a.mp4'], guarded)).rejects.toMatchObject({
        code: 'destination.refused',
      })
    }
    expect(received).toEqual([])
    await guarded.close()
  })

  test('with a URL for an output that does not exist gets nothing', async () => {
    await expect(deliver(urlsTo('/a'), ['output.mp4'])).rejects.toMatchObject({
      code: 'destination.unmatched',
      message: expect.stringContaining('output.mp4'),
    })
    expect(received).toEqual([])
  })
})

test('a host that receives too slowly is not tried again in the same attempt', async () => {
  let reads = 0
  const counting = {
    read: async (key: string) => {
      reads += 1
      return Readable.from(['bytes of ', key])
    },
  }
  // Each chunk is a window, at a pace that no host keeps.
  const minPace = { bytesPerSecond: Number.MAX_SAFE_INTEGER, windowMs: 0, graceMs: 0 }
  const guard = { allowHosts: [host], readTimeoutMs: 5_000 }
  const impatient = createDelivery({ storage: counting, guard, minPace, log })
  await expect(deliver(urlsTo('/a'), ['a.mp4'], impatient)).rejects.toMatchObject({
    code: 'destination.unavailable',
    maxAttempts: 2,
    message: expect.stringContaining('receives too slowly'),
  })
  expect(reads).toBe(1)
  await impatient.close()
})
