import { request } from 'node:http'
import type { PushEnvelope } from '../contract/job-message.ts'

/**
 * POSTs an envelope and returns the status of the reply. Rejects when the connection fails or `signal` aborts.
 *
 * Uses node:http because fetch gives up when a reply's headers take longer than 300 s, and a push stays open for as
 * long as its job runs.
 */
export function postPush(
  url: string,
  secret: string,
  envelope: PushEnvelope,
  signal: AbortSignal,
): Promise<number> {
  const body = JSON.stringify(envelope)
  const headers = {
    authorization: `Bearer ${secret}`,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  }
  return new Promise((resolve, reject) => {
    // No keep-alive: batch might close an idle connection at the moment it is reused.
    const post = request(url, { method: 'POST', headers, signal, agent: false }, (reply) => {
      reply.on('error', reject)
      reply.on('end', () => resolve(reply.statusCode ?? 0))
      reply.resume()
    })
    post.on('error', reject)
    post.end(body)
  })
}
