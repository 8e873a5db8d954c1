import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { parseRange, rangeLength } from '#shared/http/byte-ranges.ts'
import type { Logger } from '#shared/observability/logger.ts'
import type { BlockReader } from './block-reader.ts'

export type ServedSource = {
  /** An unguessable loopback URL, valid until `close`. */
  url: string
  /** Ends all reading. A second call does nothing. */
  close(): void
}

export type RangeServer = {
  /** The server's origin, such as `http://127.0.0.1:41234`. */
  origin: string
  /** Makes a source available to the ffmpeg processes of this worker. */
  serve(reader: BlockReader): ServedSource
  close(): Promise<void>
}

type Entry = { reader: BlockReader; closed: AbortController }

/** Starts the loopback HTTP server from which ffmpeg reads what is not a local file: one in each batch process. */
export async function startRangeServer(log: Logger): Promise<RangeServer> {
  const entries = new Map<string, Entry>()
  const server = createServer((request, response) => {
    respond(entries.get(pathOf(request)), request, response).catch((error: unknown) => {
      log.error('range server failed', { error })
      response.destroy()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  function serve(reader: BlockReader): ServedSource {
    const path = `/${randomBytes(32).toString('base64url')}`
    const closed = new AbortController()
    entries.set(path, { reader, closed })
    return {
      url: `${origin}${path}`,
      close() {
        entries.delete(path)
        closed.abort()
      },
    }
  }

  async function close() {
    for (const { closed } of entries.values()) closed.abort()
    entries.clear()
    if (!server.listening) return
    const serverClosed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    await serverClosed
  }

  return { origin, serve, close }
}

/** The path of a request. ffmpeg uses the server as its proxy, and so requests absolute URLs. */
const pathOf = ({ url = '/' }: IncomingMessage) => URL.parse(url, 'http://127.0.0.1')?.pathname ?? '/'

async function respond(entry: Entry | undefined, request: IncomingMessage, response: ServerResponse) {
  if (!entry) return response.writeHead(404).end()
  if (request.method !== 'GET' && request.method !== 'HEAD') return response.writeHead(405).end()
  const { size } = entry.reader
  const requested = parseRange(request.headers.range, size)
  if (requested === 'unsatisfiable') {
    return response.writeHead(416, { 'content-range': `bytes */${size}` }).end()
  }
  const range = requested === 'whole' ? { start: 0, end: size - 1 } : requested
  const writeHead = () =>
    response.writeHead(requested === 'whole' ? 200 : 206, {
      'accept-ranges': 'bytes',
      'content-type': 'application/octet-stream',
      'content-length': rangeLength(range),
      ...(requested !== 'whole' && { 'content-range': `bytes ${range.start}-${range.end}/${size}` }),
    })
  if (request.method === 'HEAD') return writeHead().end()

  const disconnected = new AbortController()
  response.on('close', () => disconnected.abort())
  const signal = AbortSignal.any([disconnected.signal, entry.closed.signal])
  try {
    for await (const chunk of entry.reader.stream(range, signal)) {
      if (!response.headersSent) writeHead()
      // Without waiting for the socket, the next block would be fetched although ffmpeg is about to seek.
      if (!response.write(chunk)) await once(response, 'drain', { signal })
    }
    response.end()
  } catch {
    // The reader keeps the error. ffmpeg sees a 502 if nothing was sent yet, otherwise a broken connection.
    if (response.headersSent || signal.aborted) response.destroy()
    else response.writeHead(502).end()
  }
}
