import { request } from 'node:http'
import type { PushEnvelope } from '../contract/job-message.ts'

/**
 * POSTs an envelope and gives the status of the reply. Rejects when there is none, or when `signal` aborts.
 *
 * node:http and not fetch, because fetch gives up on a reply whose headers take longer than 300 s, and a push
 * stays open for as long as its job runs.
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
    // A connection of its own for each push: one kept alive may be closed by batch just as it is used again.
    const post = request(url, { method: 'POST', headers, signal, agent: false }, (reply) => {
      reply.on('error', reject)
      reply.on('end', () => resolve(reply.statusCode ?? 0))
      reply.resume()
    })
    post.on('error', reject)
    post.end(body)
  })
}
