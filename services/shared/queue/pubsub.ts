import { PubSub } from '@google-cloud/pubsub'
import { messageBytes } from '../contract/job-message.ts'
import { CutroomError } from '../errors.ts'
import type { Logger } from '../logger.ts'
import type { Queue } from './port.ts'

export type PubSubQueueOptions = {
  project: string
  /** Short name of the topic. */
  topic: string
  log: Logger
  /** host:port of an emulator; left out, PUBSUB_EMULATOR_HOST or the cloud. */
  emulator?: string | undefined
}

/**
 * The client would try for 600 s, with a request waiting. The sweep rings for whoever was not heard, so it is
 * better to give up while the caller is still there.
 */
const TOTAL_MS = 10_000
const GAX_OPTIONS = {
  retry: {
    backoffSettings: {
      initialRetryDelayMillis: 100,
      retryDelayMultiplier: 2,
      maxRetryDelayMillis: 2000,
      initialRpcTimeoutMillis: 4000,
      rpcTimeoutMultiplier: 1,
      maxRpcTimeoutMillis: 4000,
      totalTimeoutMillis: TOTAL_MS,
    },
  },
}
/** Every ring leaves at once: there are few, and somebody waits for each. */
const NO_BATCHING = { maxMessages: 1 }

/** The queue in the cloud: publishes each ring as a message on a topic, which Pub/Sub pushes to batch. */
export function createPubSubQueue({ project, topic, log, emulator }: PubSubQueueOptions): Queue {
  const client = new PubSub({ projectId: project, ...(emulator ? { apiEndpoint: emulator } : {}) })
  const publisher = client.topic(topic, { batching: NO_BATCHING, gaxOpts: GAX_OPTIONS })
  const onTheirWay = new Set<Promise<unknown>>()
  let closing: Promise<void> | undefined

  async function publish(jobId: string) {
    try {
      const data = messageBytes({ job_id: jobId })
      const messageId = await withinTime(publisher.publishMessage({ data }))
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
    async ring(jobId) {
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

/** The client's own limit starts with the call; looking for credentials comes before and knows none. */
async function withinTime<T>(publishing: Promise<T>): Promise<T> {
  const { promise: tooLate, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error(`no answer within ${TOTAL_MS} ms`)), TOTAL_MS)
  return Promise.race([publishing, tooLate]).finally(() => clearTimeout(timer))
}

const unavailable = (jobId: string, reason: string, cause?: unknown) =>
  new CutroomError('queue.unavailable', `Job ${jobId} was not announced: ${reason}.`, { cause })
