import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { decodePushEnvelope, type PushEnvelope, PushEnvelope as Shape } from '#shared/contract/job-message.ts'
import { postPush } from '#shared/queue/post-push.ts'
import { DEFAULT_DELIVERY, type DeliverySettings } from './delivery.ts'
import { createSubscription, type Push } from './subscription.ts'

/**
 * Decides about a publish: 'accept' it, 'refuse' it with 503, or 'break' the connection. `publisher` is the path prefix that
 * the publisher used.
 */
export type Gate = (publisher: string, jobId: string) => 'accept' | 'refuse' | 'break'

export type PushSimulatorOptions = {
  /** Base URLs of the instances, without a trailing slash; one is chosen at random for each push. */
  endpoints: () => string[]
  /** The bearer token of each push: a shared secret, or an OIDC token. */
  token: () => string
  settings?: Partial<DeliverySettings>
  gate?: Gate
  random?: () => number
}

export type PushSimulator = Awaited<ReturnType<typeof startPushSimulator>>

/**
 * Simulates Pub/Sub push delivery on the loopback. Publishers POST the envelope to /push below any path (so that
 * /web-1/push identifies the publisher) and get 204 once the message is accepted. It is then delivered to /push of an
 * endpoint according to the settings, and once it is dead-lettered to /dead-letters, until that is acknowledged.
 */
export async function startPushSimulator(options: PushSimulatorOptions) {
  const { endpoints, token, random = Math.random } = options
  const settings = { ...DEFAULT_DELIVERY, ...options.settings }
  let gate: Gate = options.gate ?? (() => 'accept')

  const pushTo = balancedPush(endpoints, token, random)
  const deadLetters = createSubscription({
    name: 'dead-letters',
    settings: { ...settings, copies: 1, delayMs: 0, maxDeliveryAttempts: 0 },
    push: pushTo('/dead-letters'),
    random,
  })
  const jobs = createSubscription({
    name: 'jobs',
    settings,
    push: pushTo('/push'),
    onDeadLetter: (message) => deadLetters.publish(message),
    random,
  })

  const server = createServer((request, response) => void receive(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo

  async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const job = await readJob(request)
    const publisher = (request.url ?? '').replace(/^\//, '').replace(/\/?push$/, '')
    if (!job) return void response.writeHead(400).end()
    const verdict = gate(publisher, job.job_id)
    if (verdict === 'break') return void request.socket.destroy()
    if (verdict === 'refuse') return void response.writeHead(503).end()
    jobs.publish(job)
    response.writeHead(204).end()
  }

  return {
    /** Without a trailing slash. */
    url: `http://127.0.0.1:${port}`,
    jobs,
    deadLetters,
    /** Replaces the gate. */
    setGate(next: Gate) {
      gate = next
    },
    /** Changes how messages are delivered that are published from now on. */
    setDelivery(changes: Pick<DeliverySettings, 'copies' | 'delayMs' | 'ackDeadlineMs'>) {
      Object.assign(settings, changes)
    },
    async close() {
      jobs.close()
      deadLetters.close()
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

/**
 * Pushes to a random endpoint: with round robin a message and its duplicate could always reach the same two instances.
 * An endpoint that refuses the connection is skipped, as a load balancer does.
 */
function balancedPush(endpoints: () => string[], token: () => string, random: () => number) {
  return (path: string): Push =>
    async (envelope: PushEnvelope, signal: AbortSignal) => {
      const all = endpoints()
      const first = Math.floor(random() * all.length)
      for (const [offset] of all.entries()) {
        const endpoint = all[(first + offset) % all.length]
        try {
          return await postPush(`${endpoint}${path}`, token(), envelope, signal)
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'ECONNREFUSED') throw error
        }
      }
      throw new Error('Every endpoint refused the connection.')
    }
}

async function readJob(request: IncomingMessage) {
  try {
    return decodePushEnvelope(Shape.parse(JSON.parse(await text(request))))
  } catch {
    return undefined
  }
}
