import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import type { Operation } from '#shared/contract/operations.ts'
import type { WireRequest } from './arbitrary.ts'

/** The reply to a request; `ms` until its first byte. Status 0 when the connection was closed without one. */
export type WireReply = { status: number; ms: number; text: string }

/** Event streams and downloads are read up to here. */
const MAX_BYTES = 200_000
const TIMEOUT_MS = 10_000

/** Sends a request byte for byte, which fetch would not: it normalizes paths and refuses headers. */
export function send(
  base: string,
  operation: Operation,
  { path, headers, body }: WireRequest,
  token: string | undefined,
): Promise<WireReply> {
  const { hostname, port } = new URL(base)
  const startedAt = performance.now()
  return new Promise((resolve) => {
    const sending: ClientRequest = request({
      hostname,
      port,
      path,
      method: operation.method.toUpperCase(),
      headers: { ...headers, ...(token && { Authorization: `Bearer ${token}` }) },
      timeout: TIMEOUT_MS,
      agent: false,
    })
    const since = () => performance.now() - startedAt
    sending.on('response', (reply: IncomingMessage) => {
      const ms = since()
      let text = ''
      const done = () => {
        resolve({ status: reply.statusCode ?? 0, ms, text })
        sending.destroy()
      }
      reply.on('data', (chunk) => {
        text += chunk
        if (text.length > MAX_BYTES || reply.headers['content-type'] === 'text/event-stream') done()
      })
      reply.on('end', done)
      reply.on('error', done)
    })
    sending.on('timeout', () => sending.destroy())
    sending.on('error', () => resolve({ status: 0, ms: since(), text: '' }))
    sending.end(body)
  })
}
