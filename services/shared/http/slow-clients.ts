import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { CutroomError } from '../errors.ts'
import { toProblem } from './problems.ts'

/**
 * What is asked of clients: all headers within `headersMs`, and of a body at least `leastBytes` in every
 * `windowMs`. No bound on the whole: an upload of gigabytes may take hours, and a push 540 s to be answered.
 */
export type ClientLimits = { headersTimeoutMs: number; windowMs: number; minBytesPerWindow: number }

/** A kilobyte a second is less than any connection that a person would wait for. */
export const DEFAULT_CLIENT_LIMITS: ClientLimits = {
  headersTimeoutMs: 60_000,
  windowMs: 60_000,
  minBytesPerWindow: 60_000,
}

/**
 * Ends requests whose body comes in too slowly (408), and says in a problem what was wrong with requests that
 * are no HTTP or whose headers are too large or too late.
 */
export function refuseSlowClients(server: Server, pace: ClientLimits): void {
  const replies = new WeakMap<Socket, ServerResponse>()
  server.prependListener('request', (req: IncomingMessage, res: ServerResponse) => {
    replies.set(req.socket, res)
    if (hasBody(req)) watchBody(req, res, pace)
  })
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    const reply = replies.get(socket)
    // Words in the middle of a reply under way would be taken for a part of it.
    const midReply = reply?.headersSent && !reply.writableFinished
    if (midReply || !socket.writable || error.code === 'ECONNRESET') socket.destroy()
    else socket.end(rawReply(unreadable(error)), () => socket.destroy())
  })
}

const hasBody = ({ headers }: IncomingMessage) =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0

function watchBody(req: IncomingMessage, res: ServerResponse, { windowMs, minBytesPerWindow }: ClientLimits) {
  let seen = req.socket.bytesRead
  const timer = setInterval(() => {
    const brought = req.socket.bytesRead - seen
    seen += brought
    // Bytes that wait to be read show that it is not the client who is slow.
    if (req.complete || req.readableLength > 0 || brought >= minBytesPerWindow) return
    clearInterval(timer)
    if (res.headersSent) req.socket.destroy()
    else req.socket.end(rawReply(tooSlow(), res.getHeader('X-Request-Id')), () => req.socket.destroy())
  }, windowMs)
  timer.unref()
  req.once('close', () => clearInterval(timer))
}

/** A whole reply, for where no handler is left to give one. */
function rawReply(error: CutroomError, requestId?: unknown): string {
  const id = typeof requestId === 'string' ? requestId : undefined
  const body = JSON.stringify(toProblem(error, id))
  return [
    `HTTP/1.1 ${error.status} ${error.title}`,
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...(id ? [`X-Request-Id: ${id}`] : []),
    'Connection: close',
    '',
    body,
  ].join('\r\n')
}

const tooSlow = () =>
  new CutroomError(
    'request.timed_out',
    'The body came in too slowly; send it again, a large one in chunks by POST /uploads.',
  )

function unreadable({ code, message }: NodeJS.ErrnoException): CutroomError {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return new CutroomError('request.timed_out', 'The headers of the request took too long.')
  if (code === 'HPE_HEADER_OVERFLOW')
    return new CutroomError('request.headers_too_large', 'All headers together may have 16 KiB.')
  return new CutroomError('request.malformed', `This is not HTTP/1.1: ${message}.`)
}
