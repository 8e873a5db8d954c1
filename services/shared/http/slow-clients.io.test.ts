import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import type { Express } from 'express'
import { listen, type RunningServer } from './listen.ts'

const limits = { headersTimeoutMs: 60_000, windowMs: 60_000, minBytesPerWindow: 1_000 }

let server: RunningServer
let client: Socket
let requests: { req: IncomingMessage; res: ServerResponse }[]
const arrivals = new EventTarget()

beforeEach(async () => {
  requests = []
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] })
  const app = (req: IncomingMessage, res: ServerResponse) => {
    requests.push({ req, res })
    arrivals.dispatchEvent(new Event('request'))
  }
  server = await listen(app as unknown as Express, { port: 0, host: '127.0.0.1' }, limits)
  client = connect(server.port, '127.0.0.1')
  client.setEncoding('utf8')
})
afterEach(async () => {
  client.destroy()
  jest.useRealTimers()
  await server.drain(0)
})

/** Sends the headers of a PUT and waits until the server has received them. */
async function sendHead(head: string) {
  const arrival = once(arrivals, 'request')
  client.write(`PUT / HTTP/1.1\r\nHost: x\r\n${head}\r\n\r\n`)
  await arrival
  const [request] = requests.splice(0)
  if (!request) throw new Error('no request was received')
  return request
}
/** Sends a part of the body and waits until the handler has read it. */
async function sendBytes(req: IncomingMessage, bytes: number) {
  const read = once(req, 'data')
  client.write('x'.repeat(bytes))
  await read
}
const advanceWindows = (count: number) => jest.advanceTimersByTime(count * limits.windowMs)

describe('a request body', () => {
  test('that arrives too slowly is answered with 408, and the connection is closed', async () => {
    const { req } = await sendHead('Content-Length: 5000')
    await sendBytes(req, 999)
    advanceWindows(1)
    expect(await text(client)).toMatch(/^HTTP\/1.1 408 .*"code":"request.timed_out"/s)
  })

  test('that arrives fast enough may take any time', async () => {
    const { req, res } = await sendHead('Content-Length: 5000')
    for (let i = 0; i < 5; i++) {
      await sendBytes(req, 1_000)
      advanceWindows(1)
    }
    res.end('taken')
    expect((await once(client, 'data'))[0]).toMatch(/^HTTP\/1.1 200 /)
  })

  test('that waits to be read is not too slow', async () => {
    const { req, res } = await sendHead('Content-Length: 10')
    client.write('12345')
    await once(req, 'readable')
    advanceWindows(10)
    client.write('67890')
    expect(await text(req)).toBe('1234567890')
    res.end()
    expect((await once(client, 'data'))[0]).toMatch(/^HTTP\/1.1 200 /)
  })

  test('that stalls after the reply closes the connection', async () => {
    const { req, res } = await sendHead('Content-Length: 5000')
    req.resume()
    res.end('refused')
    await once(client, 'data')
    advanceWindows(1)
    await once(client, 'close')
  })
})

test('pipelined requests end with their connection', async () => {
  const closed: string[] = []
  client.write('GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n')
  while (requests.length < 2) await once(arrivals, 'request')
  const ended = requests.map(({ req, res }) => once(res, 'close').then(() => closed.push(req.url ?? '')))
  client.destroy()
  await Promise.all(ended)
  expect(closed.sort()).toEqual(['/1', '/2'])
})

test('a reply may take any time', async () => {
  const { req, res } = await sendHead('Content-Length: 2')
  client.write('ok')
  expect(await text(req)).toBe('ok')
  advanceWindows(9)
  res.end('at last')
  expect((await once(client, 'data'))[0]).toMatch(/^HTTP\/1.1 200 /)
})

describe('an invalid request', () => {
  test('is answered with a problem document', async () => {
    client.write('NONSENSE\r\n\r\n')
    expect(await text(client)).toMatch(/^HTTP\/1.1 400 .*application\/problem\+json.*request\.malformed/s)
  })

  test('with headers above 16 KiB is answered with 431', async () => {
    client.write(`GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`)
    expect(await text(client)).toMatch(/^HTTP\/1.1 431 .*"code":"request.headers_too_large"/s)
  })

  test('in the middle of a reply closes the connection without an error reply', async () => {
    const arrival = once(arrivals, 'request')
    client.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    await arrival
    requests[0]?.res.writeHead(200, { 'Content-Length': '100' }).write('half')
    await once(client, 'data')
    client.write('NONSENSE\r\n\r\n')
    expect(await text(client)).toBe('')
  })
})
