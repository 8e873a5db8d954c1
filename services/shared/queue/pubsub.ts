import { PubSub } from '@google-cloud/pubsub'
import { encodeJobMessage } from '../contract/job-message.ts'
import { CutroomError } from '../errors.ts'
import type { Logger } from '../observability/logger.ts'
import type { Queue } from './port.ts'

export type PubSubQueueOptions = {
  project: string
  /** Short name of the topic. */
  topic: string
  log: Logger
  /** host:port of an emulator in place of the cloud. */
  emulator?: string | undefined
  /** After this long a ring counts as not heard, in ms. */
  timeoutMs?: number
}

/**
 * The client would try for 600 s, with a request waiting. The sweep rings for whoever was not heard, so it is
 * better to give up while the caller is still there.
 */
const TIMEOUT_MS = 10_000
/** Every ring leaves at once: there are few, and somebody waits for each. */
const NO_BATCHING = { maxMessages: 1 }

/** The queue in the cloud: publishes each ring as a message on a topic, which Pub/Sub pushes to batch. */
export function createPubSubQueue(options: PubSubQueueOptions): Queue {
  const { project, topic, log, timeoutMs = TIMEOUT_MS } = options
  const client = new PubSub({ projectId: project, ...emulatorOptions(options.emulator) })
  const publisher = client.topic(topic, { batching: NO_BATCHING, gaxOpts: callOptions(timeoutMs) })
  const onTheirWay = new Set<Promise<unknown>>()
  let closing: Promise<void> | undefined

  async function publish(jobId: string) {
    try {
      const data = encodeJobMessage({ job_id: jobId })
      const messageId = await withinTime(publisher.publishMessage({ data }), timeoutMs)
      log.debug('job announced', { jobId, messageId })
    } catch (cause) {
      throw unavailable(jobId, `topic ${topic} did not take it`, cause)
    }
  }

  async function flushAndClose() {
    await Promise.allSettled(onTheirWay)
    await client.close()
  }

  return {
    async publish(jobId) {
      if (closing) throw unavailable(jobId, 'the queue is closed')
      const publishing = publish(jobId)
      onTheirWay.add(publishing)
      await publishing.finally(() => onTheirWay.delete(publishing))
    },
    close() {
      closing ??= flushAndClose()
      return closing
    },
  }
}

/** Told the universe, the client does not look for credentials to read it from, which an emulator needs none of. */
const emulatorOptions = (emulator: string | undefined) =>
  emulator
    ? { apiEndpoint: emulator, emulatorMode: true, clientOptions: { universeDomain: 'googleapis.com' } }
    : {}

/** Tries again in good time before the whole is over, so that the error tells what Pub/Sub said. */
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

/** The client's own limit starts with the call; looking for credentials comes before and knows none. */
async function withinTime<T>(publishing: Promise<T>, timeoutMs: number): Promise<T> {
  const { promise: tooLate, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs)
  return Promise.race([publishing, tooLate]).finally(() => clearTimeout(timer))
}

const unavailable = (jobId: string, reason: string, cause?: unknown) =>
  new CutroomError('queue.unavailable', `Job ${jobId} was not announced: ${reason}.`, { cause })
