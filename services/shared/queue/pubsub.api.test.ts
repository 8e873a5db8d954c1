import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals'
import { missingForEmulator, type PubSubEmulator, startPubSubEmulator } from '#test/pubsub-emulator.ts'
import { silentLogger } from '../observability/logger.ts'
import { createPubSubQueue } from './pubsub.ts'
import { queueContract } from './testing/queue-contract.ts'

// The emulator is a Java program that starts in seconds and pushes when it sees fit.
jest.setTimeout(60_000)

const missing = missingForEmulator()

if (missing) {
  console.warn(`\n*** THE PUB/SUB QUEUE IS NOT TESTED: ${missing}. ***\n`)
  test.skip(`the Pub/Sub queue is not tested, because ${missing}`, () => undefined)
} else {
  let emulator: PubSubEmulator
  beforeAll(async () => {
    emulator = await startPubSubEmulator()
  })
  afterAll(() => emulator?.stop())

  const newNames = () => ({ project: 'cutroom-test', topic: `jobs-${randomUUID()}` })
  const openQueue = (names: { project: string; topic: string }) =>
    createPubSubQueue({ ...names, log: silentLogger, emulator: emulator.host })

  queueContract('pubsub', async (pushUrl) => {
    const names = newNames()
    await emulator.subscribe({ ...names, subscription: `to-batch-${randomUUID()}`, pushUrl })
    return openQueue(names)
  })

  test('a ring for a topic that does not exist fails as queue.unavailable, with what Pub/Sub said', async () => {
    const queue = openQueue(newNames())
    await expect(queue.publish(randomUUID())).rejects.toMatchObject({
      code: 'queue.unavailable',
      cause: { message: expect.stringContaining('NOT_FOUND') },
    })
    await queue.close()
  })
}
