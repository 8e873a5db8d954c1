import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { bodyTooSlow, clientError, rawReply, unknownExpectation } from './raw-reply.ts'

/**
 * How fast clients must send: all headers within `headersTimeoutMs`, then at least `minBytesPerWindow` of the body in
 * every `windowMs`. The duration of a request is not limited: an upload may take hours, the reply to a push 540 s.
 */
export type ClientLimits = { headersTimeoutMs: number; windowMs: number; minBytesPerWindow: number }

/** One kilobyte per second, slower than any connection that a person would wait for. */
export const DEFAULT_CLIENT_LIMITS: ClientLimits = {
  headersTimeoutMs: 60_000,
  windowMs: 60_000,
  minBytesPerWindow: 60_000,
}

/**
 * Rejects requests whose body arrives too slowly, and answers as a problem document what Node itself rejects: requests
 * that are not HTTP, headers that are too large or too slow, and expectations that it does not know.
 */
export function rejectSlowClients(server: Server, limits: ClientLimits): void {
  const replies = new WeakMap<Socket, ServerResponse>()
  server.prependListener('request', (req: IncomingMessage, res: ServerResponse) => {
    replies.set(req.socket, res)
    // Node tells only the reply that is being sent that its connection has ended, not those of pipelined requests behind it.
    if (res.socket === null) {
      const close = () => res.emit('close')
      req.socket.once('close', close)
      res.once('close', () => req.socket.off('close', close))
    }
    if (hasBody(req)) watchBody(req, res, limits)
  })
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    const reply = replies.get(socket)
    // The client would take an error in the middle of a reply for a part of that reply.
    const isMidReply = reply?.headersSent && !reply.writableFinished
    if (isMidReply || !socket.writable || error.code === 'ECONNRESET') socket.destroy()
    else socket.end(rawReply(clientError(error)), () => socket.destroy())
  })
  // Node would answer without any header.
  server.on('checkExpectation', ({ socket }: IncomingMessage) => {
    socket.end(rawReply(unknownExpectation()), () => socket.destroy())
  })
}

const hasBody = ({ headers }: IncomingMessage) =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0

function watchBody(req: IncomingMessage, res: ServerResponse, { windowMs, minBytesPerWindow }: ClientLimits) {
  let bytesBefore = req.socket.bytesRead
  const timer = setInterval(() => {
    const received = req.socket.bytesRead - bytesBefore
    bytesBefore += received
    // Buffered bytes mean that the service is slow to read, not the client to send.
    if (req.complete || req.readableLength > 0 || received >= minBytesPerWindow) return
    clearInterval(timer)
    if (res.headersSent) req.socket.destroy()
    else req.socket.end(rawReply(bodyTooSlow(), res.getHeader('X-Request-Id')), () => req.socket.destroy())
  }, windowMs)
  timer.unref()
  req.once('close', () => clearInterval(timer))
}
