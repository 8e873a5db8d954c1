import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { Agent, request } from 'undici'
import { backoff } from '#shared/backoff.ts'
import type { Destination } from '#shared/contract/tasks/destination.ts'
import { rejectionReason } from '#shared/net/public-address.ts'
import type { Logger } from '#shared/observability/logger.ts'
import type { Storage } from '#shared/storage/port.ts'
import type { StoredOutput } from '#shared/tasks/rows.ts'
import { type ConnectionGuard, guardedConnector } from '../sources/guarded-connector.ts'
import type { MinPace } from '../sources/pace/pace.ts'
import {
  asDestinationError,
  destinationRefused,
  destinationTooSlow,
  destinationUnmatched,
  errorFromPutStatus,
} from './destination-errors.ts'
import { type PutRequest, putRequest } from './put-request.ts'
import { takenAtPace } from './taken-at-pace.ts'

export type Delivery = {
  /**
   * Sends stored outputs to a destination, one after another, and returns them with where each went. A file that could not be sent is
   * tried again a few times; one that is sent twice replaces itself.
   * @throws CutroomError `destination.refused`, `destination.denied`, `destination.rejected`, `destination.unmatched`,
   * `destination.unavailable`; those of the storage; the signal's reason when aborted.
   */
  deliver(outputs: StoredOutput[], destination: Destination, signal: AbortSignal): Promise<StoredOutput[]>
  close(): Promise<void>
}

const MAX_TRIES = 4
const BACKOFF = { baseMs: 1_000, maxMs: 8_000, jitter: 0.5 }
/** Stores answer a large PUT only once they have written it. */
const REPLY_TIMEOUT_MS = 120_000

type Deps = {
  storage: Pick<Storage, 'read'>
  guard: ConnectionGuard
  log: Logger
  /** How slowly a host may receive; as slowly as it likes when left out. */
  minPace?: MinPace
  /** How long to wait between tries. */
  delay?: typeof BACKOFF
}

/** Creates what sends outputs. Connections are guarded like those to sources; redirects are not followed. */
export function createDelivery({ storage, guard, log, minPace, delay = BACKOFF }: Deps): Delivery {
  const agent = new Agent({
    connect: guardedConnector(guard),
    headersTimeout: REPLY_TIMEOUT_MS,
    bodyTimeout: guard.readTimeoutMs,
    maxHeaderSize: 16_384,
  })

  async function deliverOne(output: StoredOutput, target: PutRequest, signal: AbortSignal): Promise<void> {
    const { host } = target.url
    for (let tries = 1; ; tries++) {
      try {
        return await putOnce(output, target, signal)
      } catch (thrown) {
        signal.throwIfAborted()
        const error = asDestinationError(thrown, output.name, host)
        // A host that was too slow is left to a later attempt of the job: each try holds a slot for minutes.
        const isTooSlow = Number.isFinite(error.maxAttempts)
        if (error.code !== 'destination.unavailable' || isTooSlow || tries === MAX_TRIES) throw error
        log.warn('sending an output failed; retrying', { key: output.key, host, try: tries })
        await sleep(backoff(tries, delay), undefined, { signal })
      }
    }
  }

  async function putOnce(output: StoredOutput, { url, headers }: PutRequest, signal: AbortSignal) {
    const body: Readable = await storage.read(output.key, { signal })
    const tooSlow = () => destinationTooSlow(output.name, url.host)
    try {
      const reply = await request(url, {
        dispatcher: agent,
        method: 'PUT',
        headers: { 'user-agent': 'Cutroom', ...headers, 'content-length': String(output.bytes) },
        body: minPace ? Readable.from(takenAtPace(body, minPace, tooSlow), { objectMode: false }) : body,
        signal,
      })
      // Without a listener, an error of the unread body would end the process.
      reply.body.on('error', () => undefined).destroy()
      const error = errorFromPutStatus(output.name, url.host, reply.statusCode)
      if (error) throw error
    } finally {
      body.destroy()
    }
  }

  return {
    async deliver(outputs, destination, signal) {
      requireMatchingNames(outputs, destination)
      const delivered: StoredOutput[] = []
      for (const output of outputs) {
        const target = await putRequest(destination, { name: output.name, contentType: output.content_type })
        if (target) {
          requireAllowed(output.name, target.url, guard)
          await deliverOne(output, target, signal)
        }
        delivered.push(target ? { ...output, destination: target.shown } : output)
      }
      return delivered
    },
    close: () => agent.destroy(),
  }
}

function requireMatchingNames(outputs: StoredOutput[], { urls = {} }: Destination): void {
  const names = outputs.map(({ name }) => name)
  const unmatched = Object.keys(urls).filter((name) => !names.includes(name))
  if (unmatched.length > 0) throw destinationUnmatched(unmatched, names)
}

function requireAllowed(file: string, url: URL, { allowHosts, mayConnect }: ConnectionGuard): void {
  const reason = rejectionReason(url, allowHosts, mayConnect)
  if (reason) throw destinationRefused(file, url.host, reason)
}
