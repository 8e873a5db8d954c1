import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { parseRange, rangeLength } from '#shared/http/byte-ranges.ts'

/** A loopback HTTP server for tests that records its requests. */
export type TestHost = {
  origin: string
  /** host:port, as in SOURCE_ALLOW_HOSTS. */
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

/** Serves a file as HTTP specifies it: the requested range or the whole file. */
export function answerWith(
  data: Buffer,
  request: IncomingMessage,
  response: ServerResponse,
  headers: Record<string, string> = {},
) {
  const requested = parseRange(request.headers.range, data.length)
  if (requested === 'whole') return response.writeHead(200, headers).end(data)
  if (requested === 'unsatisfiable')
    return response.writeHead(416, { 'content-range': `bytes */${data.length}` }).end()
  response.writeHead(206, {
    'content-range': `bytes ${requested.start}-${requested.end}/${data.length}`,
    'content-length': rangeLength(requested),
    ...headers,
  })
  response.end(data.subarray(requested.start, requested.end + 1))
}

/** Bytes without repetition, so that a wrong offset shows. */
export function numberedBytes(length: number): Buffer {
  const data = Buffer.alloc(length)
  for (let at = 0; at + 4 <= length; at += 4) data.writeUInt32BE(at, at)
  return data
}

/** All chunks in one buffer. */
export async function bytesOf(chunks: AsyncIterable<Buffer>): Promise<Buffer> {
  const all: Buffer[] = []
  for await (const chunk of chunks) all.push(chunk)
  return Buffer.concat(all)
}
