import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals'
import { missingForEmulator, type PubSubEmulator, startPubSubEmulator } from '#test/pubsub-emulator.ts'
import { silentLogger } from '../observability/logger.ts'
import { createPubSubQueue } from './pubsub.ts'
import { queueContract } from './testing/queue-contract.ts'

// The emulator is a Java program: it takes seconds to start, and it decides when to push.
jest.setTimeout(60_000)

const missing = missingForEmulator()

if (missing) {
  console.warn(`\n*** SKIPPED: the Pub/Sub queue is not tested, because ${missing}. ***\n`)
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

  test('publishing to a missing topic fails as queue.unavailable, with the cause from Pub/Sub', async () => {
    const queue = openQueue(newNames())
    await expect(queue.publish(randomUUID())).rejects.toMatchObject({
      code: 'queue.unavailable',
      cause: { message: expect.stringContaining('NOT_FOUND') },
    })
    await queue.close()
  })
}
