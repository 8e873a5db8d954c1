import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Logger } from '#shared/observability/logger.ts'
import type { BlockReader } from './block-reader.ts'
import { parseRange, rangeLength } from './byte-ranges.ts'

export type ServedSource = {
  /** A loopback address that nobody can guess and that is good until `close`. */
  url: string
  /** Breaks off what is being read. A second call does nothing. */
  close(): void
}

export type RangeServer = {
  /** Where this process's ffmpeg finds the server. */
  origin: string
  /** Offers a file to this process's ffmpeg. */
  serve(reader: BlockReader): ServedSource
  close(): Promise<void>
}

type Offer = { reader: BlockReader; ended: AbortController }

/** The loopback HTTP server from which ffmpeg reads what is not a file here: one in each batch process. */
export async function startRangeServer(log: Logger): Promise<RangeServer> {
  const offers = new Map<string, Offer>()
  const server = createServer((request, response) => {
    answer(offers.get(pathOf(request)), request, response).catch((error: unknown) => {
      log.error('range server failed', { error })
      response.destroy()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  function serve(reader: BlockReader): ServedSource {
    const path = `/${randomBytes(32).toString('base64url')}`
    const ended = new AbortController()
    offers.set(path, { reader, ended })
    return {
      url: `${origin}${path}`,
      close() {
        offers.delete(path)
        ended.abort()
      },
    }
  }

  async function close() {
    for (const { ended } of offers.values()) ended.abort()
    offers.clear()
    if (!server.listening) return
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    await closed
  }

  return { origin, serve, close }
}

/** The path of a request. ffmpeg, taking the server for a proxy, names a whole address. */
const pathOf = ({ url = '/' }: IncomingMessage) => URL.parse(url, 'http://127.0.0.1')?.pathname ?? '/'

async function answer(offer: Offer | undefined, request: IncomingMessage, response: ServerResponse) {
  if (!offer) return response.writeHead(404).end()
  if (request.method !== 'GET' && request.method !== 'HEAD') return response.writeHead(405).end()
  const { size } = offer.reader
  const asked = parseRange(request.headers.range, size)
  if (asked === 'not-in-file') return response.writeHead(416, { 'content-range': `bytes */${size}` }).end()
  const range = asked === 'all' ? { start: 0, end: size - 1 } : asked
  const head = () =>
    response.writeHead(asked === 'all' ? 200 : 206, {
      'accept-ranges': 'bytes',
      'content-type': 'application/octet-stream',
      'content-length': rangeLength(range),
      ...(asked !== 'all' && { 'content-range': `bytes ${range.start}-${range.end}/${size}` }),
    })
  if (request.method === 'HEAD') return head().end()

  const hungUp = new AbortController()
  response.on('close', () => hungUp.abort())
  const signal = AbortSignal.any([hungUp.signal, offer.ended.signal])
  try {
    for await (const chunk of offer.reader.stream(range, signal)) {
      if (!response.headersSent) head()
      // Waiting until the socket has taken a block keeps the next from being fetched for a reader that jumps.
      if (!response.write(chunk)) await once(response, 'drain', { signal })
    }
    response.end()
  } catch {
    // The reader keeps what went wrong. ffmpeg is told by a broken connection, or by a status if there is time.
    if (response.headersSent || signal.aborted) response.destroy()
    else response.writeHead(502).end()
  }
}
