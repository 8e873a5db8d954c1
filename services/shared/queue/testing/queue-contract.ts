import { randomUUID } from 'node:crypto'
import { afterEach, describe, expect, test } from '@jest/globals'
import { type Answer, openPushEndpoint, type PushEndpoint } from '#test/push-endpoint.ts'
import type { Queue } from '../port.ts'

/** Opens a queue that pushes to this URL. */
export type OpenQueue = (pushUrl: string) => Promise<Queue>

/** The promises of the queue port, as one suite that every adapter runs in its tests. */
export function queueContract(name: string, open: OpenQueue): void {
  describe(`${name} as a queue`, () => {
    const opened: (Queue | PushEndpoint)[] = []

    async function openBoth(answer?: Answer) {
      const endpoint = await openPushEndpoint(answer)
      const queue = await open(`${endpoint.url}/push`)
      opened.push(queue, endpoint)
      return { endpoint, queue }
    }

    afterEach(async () => {
      for (const each of opened.splice(0)) await each.close()
    })

    test('a published job arrives as a push that names it', async () => {
      const { endpoint, queue } = await openBoth()
      const jobId = randomUUID()
      await queue.publish(jobId)
      const push = await endpoint.arrival(jobId)
      expect(push.path).toBe('/push')
      expect(push.envelope.message.messageId).not.toBe('')
      expect(push.envelope.subscription).not.toBe('')
    })

    test('two jobs published together both arrive', async () => {
      const { endpoint, queue } = await openBoth()
      const jobs = [randomUUID(), randomUUID()]
      await Promise.all(jobs.map((jobId) => queue.publish(jobId)))
      const arrived = await Promise.all(jobs.map((jobId) => endpoint.arrival(jobId)))
      expect(arrived.map((push) => push.jobId)).toEqual(jobs)
    })

    test.each([429, 503])('a push answered %i is repeated', async (status) => {
      const { endpoint, queue } = await openBoth(({ attempt }) => (attempt < 3 ? status : 204))
      const jobId = randomUUID()
      await queue.publish(jobId)
      expect(await endpoint.arrival(jobId, 3)).toMatchObject({ jobId })
    })

    test('a push answered 204 is not repeated, while a refused one is', async () => {
      const [acknowledged, refused] = [randomUUID(), randomUUID()]
      const { endpoint, queue } = await openBoth(({ jobId, attempt }) =>
        jobId === refused && attempt < 4 ? 503 : 204,
      )
      await queue.publish(acknowledged)
      await endpoint.arrival(acknowledged)
      await queue.publish(refused)
      await endpoint.arrival(refused, 4)
      expect(endpoint.pushesOf(acknowledged)).toHaveLength(1)
    })

    test('publish after close fails as queue.unavailable', async () => {
      const { queue } = await openBoth()
      await queue.close()
      await expect(queue.publish(randomUUID())).rejects.toMatchObject({
        code: 'queue.unavailable',
        retry: true,
      })
    })

    test('closing twice does no harm', async () => {
      const { queue } = await openBoth()
      await queue.publish(randomUUID())
      await queue.close()
      await expect(queue.close()).resolves.toBeUndefined()
    })
  })
}
