import { PubSub } from '@google-cloud/pubsub'
import { encodeJobMessage } from '../contract/job-message.ts'
import { CutroomError } from '../errors.ts'
import type { Logger } from '../observability/logger.ts'
import { currentTraceparent, traced } from '../observability/tracing.ts'
import type { Queue } from './port.ts'

export type PubSubQueueOptions = {
  project: string
  /** Short name of the topic. */
  topic: string
  log: Logger
  /** host:port of a Pub/Sub emulator. */
  emulator?: string | undefined
  /** How long `publish` waits for the topic to accept a message. */
  timeoutMs?: number
}

/**
 * The client's own default is 600 s, while an HTTP request waits. The sweep publishes again whatever was not accepted,
 * so it is better to fail while the caller is still there.
 */
const TIMEOUT_MS = 10_000
/** Every message is sent at once: there are few, and a request waits for each. */
const NO_BATCHING = { maxMessages: 1 }

/** The queue in the cloud: publishes to a Pub/Sub topic, whose subscription pushes to batch. */
export function createPubSubQueue(options: PubSubQueueOptions): Queue {
  const { project, topic, log, timeoutMs = TIMEOUT_MS } = options
  const client = new PubSub({ projectId: project, ...emulatorOptions(options.emulator) })
  const publisher = client.topic(topic, { batching: NO_BATCHING, gaxOpts: callOptions(timeoutMs) })
  const attributes = { 'messaging.system': 'gcp_pubsub', 'messaging.destination.name': topic }
  const inFlight = new Set<Promise<unknown>>()
  let closing: Promise<void> | undefined

  async function publish(jobId: string) {
    try {
      const data = encodeJobMessage({ job_id: jobId })
      const messageId = await traced('publish job', { kind: 'producer', attributes }, () => {
        const traceparent = currentTraceparent()
        const message = { data, ...(traceparent && { attributes: { traceparent } }) }
        return withinTime(publisher.publishMessage(message), timeoutMs)
      })
      log.debug('job published', { jobId, messageId })
    } catch (cause) {
      throw unavailable(jobId, `topic ${topic} did not accept the message`, cause)
    }
  }

  async function flushAndClose() {
    await Promise.allSettled(inFlight)
    await client.close()
  }

  return {
    async publish(jobId) {
      if (closing) throw unavailable(jobId, 'the queue is closed')
      const publishing = publish(jobId)
      inFlight.add(publishing)
      await publishing.finally(() => inFlight.delete(publishing))
    },
    close() {
      closing ??= flushAndClose()
      return closing
    },
  }
}

/** Setting the universe domain keeps the client from looking up credentials, which an emulator does not need. */
const emulatorOptions = (emulator: string | undefined) =>
  emulator
    ? { apiEndpoint: emulator, emulatorMode: true, clientOptions: { universeDomain: 'googleapis.com' } }
    : {}

/** The client's retries end before `timeoutMs`, so that the error still carries Pub/Sub's own reason. */
function callOptions(timeoutMs: number) {
  const backoffSettings = {
    initialRetryDelayMillis: 100,
    retryDelayMultiplier: 2,
    maxRetryDelayMillis: 2000,
    initialRpcTimeoutMillis: 0.4 * timeoutMs,
    rpcTimeoutMultiplier: 1,
    maxRpcTimeoutMillis: 0.4 * timeoutMs,
    totalTimeoutMillis: 0.8 * timeoutMs,
  }
  return { retry: { backoffSettings } }
}

/** Covers the lookup of credentials too, which happens before the client's own timeout starts. */
async function withinTime<T>(publishing: Promise<T>, timeoutMs: number): Promise<T> {
  const { promise: timeout, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error(`No response within ${timeoutMs} ms.`)), timeoutMs)
  return Promise.race([publishing, timeout]).finally(() => clearTimeout(timer))
}

const unavailable = (jobId: string, reason: string, cause?: unknown) =>
  new CutroomError('queue.unavailable', `Could not publish job ${jobId}: ${reason}.`, { cause })
