import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { parseRange, rangeLength } from '../byte-ranges.ts'

/** A loopback HTTP host for tests, which remembers what it was asked. */
export type TestHost = {
  origin: string
  /** host:port, as an allow list has it. */
  hostPort: string
  port: number
  requests: { url: string; headers: IncomingMessage['headers'] }[]
  close(): Promise<void>
}

export async function startTestHost(
  answer: RequestListener,
  { port = 0, address = '127.0.0.1' } = {},
): Promise<TestHost> {
  const requests: TestHost['requests'] = []
  const server = createServer((request, response) => {
    requests.push({ url: request.url ?? '', headers: request.headers })
    answer(request, response)
  })
  server.listen(port, address)
  await once(server, 'listening')
  const bound = server.address() as AddressInfo
  const hostPort = `${address}:${bound.port}`
  async function close() {
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    await closed
  }
  return { origin: `http://${hostPort}`, hostPort, port: bound.port, requests, close }
}

/** Answers with a file as a good host does: the range asked for, or all of it. */
export function answerWith(
  data: Buffer,
  request: IncomingMessage,
  response: ServerResponse,
  headers: Record<string, string> = {},
) {
  const asked = parseRange(request.headers.range, data.length)
  if (asked === 'all') return response.writeHead(200, headers).end(data)
  if (asked === 'not-in-file')
    return response.writeHead(416, { 'content-range': `bytes */${data.length}` }).end()
  response.writeHead(206, {
    'content-range': `bytes ${asked.start}-${asked.end}/${data.length}`,
    'content-length': rangeLength(asked),
    ...headers,
  })
  response.end(data.subarray(asked.start, asked.end + 1))
}

/** Bytes of which no two stretches are alike. */
export function numberedBytes(length: number): Buffer {
  const data = Buffer.alloc(length)
  for (let at = 0; at + 4 <= length; at += 4) data.writeUInt32BE(at, at)
  return data
}

/** All chunks as one. */
export async function bytesOf(chunks: AsyncIterable<Buffer>): Promise<Buffer> {
  const all: Buffer[] = []
  for await (const chunk of chunks) all.push(chunk)
  return Buffer.concat(all)
}
