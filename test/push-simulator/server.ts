import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { openEnvelope, type PushEnvelope, PushEnvelope as Shape } from '#shared/contract/job-message.ts'
import { postPush } from '#shared/queue/post-push.ts'
import { type DeliverySettings, usualDelivery } from './delivery.ts'
import { createSubscription, type Push } from './subscription.ts'

/**
 * Decides about a publish before it is taken: 'take' it, 'refuse' it with 503, or 'break' the connection.
 * `publisher` is the path below which it came in.
 */
export type Gate = (publisher: string, jobId: string) => 'take' | 'refuse' | 'break'

export type PushSimulatorOptions = {
  /** Addresses of the instances that are pushed to, by chance, without a slash at the end. Asked before each push. */
  endpoints: () => string[]
  /** The bearer token of each push: a shared secret, or an OIDC token. */
  token: () => string
  settings?: Partial<DeliverySettings>
  gate?: Gate
  random?: () => number
}

export type PushSimulator = Awaited<ReturnType<typeof startPushSimulator>>

/**
 * A stand-in for Pub/Sub's push on the loopback. Publishers POST the envelope to /push below any path (so that
 * /web-1/push tells who it was) and are answered 204 once the message is taken. It then goes to /push of an
 * endpoint as often as the settings say, and when it is given up to /dead-letters, until that is acknowledged.
 */
export async function startPushSimulator(options: PushSimulatorOptions) {
  const { endpoints, token, random = Math.random } = options
  const settings = { ...usualDelivery, ...options.settings }
  let gate: Gate = options.gate ?? (() => 'take')

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
    onGivenUp: (message) => deadLetters.publish(message),
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
    /** Without a slash at the end. */
    url: `http://127.0.0.1:${port}`,
    jobs,
    deadLetters,
    /** Lets another gate decide from now on. */
    setGate(next: Gate) {
      gate = next
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
 * Pushes to an endpoint by chance: taking turns, a message and its repeat could go on meeting the same two instances.
 * One that takes no connection is passed over, as a load balancer does.
 */
function balancedPush(endpoints: () => string[], token: () => string, random: () => number) {
  return (path: string): Push =>
    async (envelope: PushEnvelope, signal: AbortSignal) => {
      const all = endpoints()
      const first = Math.floor(random() * all.length)
      for (const [place] of all.entries()) {
        const endpoint = all[(first + place) % all.length]
        try {
          return await postPush(`${endpoint}${path}`, token(), envelope, signal)
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'ECONNREFUSED') throw error
        }
      }
      throw new Error('No endpoint takes connections.')
    }
}

async function readJob(request: IncomingMessage) {
  try {
    return openEnvelope(Shape.parse(JSON.parse(await text(request))))
  } catch {
    return undefined
  }
}
