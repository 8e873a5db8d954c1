import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { afterEach, expect, test } from '@jest/globals'
import { type Answer, openPushEndpoint } from '#test/push-endpoint.ts'
import { type Logger, silentLogger } from '../observability/logger.ts'
import { createLocalQueue, type LocalQueueOptions } from './local.ts'
import { queueContract } from './testing/queue-contract.ts'

const quick = { baseMs: 1, maxMs: 10, jitter: 0.5 }
const openQueue = (options: Partial<LocalQueueOptions>) =>
  createLocalQueue({
    batchUrl: '',
    secret: 's3cret',
    log: silentLogger,
    maxAttempts: 50,
    backoff: quick,
    ...options,
  })

queueContract('local', async (pushUrl) => openQueue({ batchUrl: pushUrl.replace(/\/push$/, '') }))

const opened: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close()
})

async function openBoth(answer?: Answer, options: Partial<LocalQueueOptions> = {}) {
  const endpoint = await openPushEndpoint(answer)
  const queue = openQueue({ batchUrl: endpoint.url, ...options })
  opened.push(queue, endpoint)
  return { endpoint, queue }
}

/** A reply that keeps every push open until it is released. */
function heldReply() {
  const { promise, resolve } = Promise.withResolvers<number>()
  return { answer: () => promise, release: () => resolve(204) }
}

/** A log that records warnings and emits an event for each. */
function recordingLog() {
  const events = new EventTarget()
  const warnings: unknown[][] = []
  const warn: Logger['warn'] = (...line) => {
    warnings.push(line)
    events.dispatchEvent(new Event('warning'))
  }
  return { log: { ...silentLogger, warn }, warnings, warning: () => once(events, 'warning') }
}

const newIds = (count: number) => Array.from({ length: count }, () => randomUUID())

test('a push carries the secret and its attempt number', async () => {
  const { endpoint, queue } = await openBoth(({ attempt }) => (attempt === 1 ? 503 : 204))
  const jobId = randomUUID()
  await queue.publish(jobId)
  const repeated = await endpoint.arrival(jobId, 2)
  expect(repeated.authorization).toBe('Bearer s3cret')
  expect(endpoint.pushes.map((push) => push.envelope.deliveryAttempt)).toEqual([1, 2])
})

test('publish resolves while the push is still open', async () => {
  const { answer, release } = heldReply()
  const { endpoint, queue } = await openBoth(answer)
  const jobId = randomUUID()
  await queue.publish(jobId)
  const push = await endpoint.arrival(jobId)
  release()
  await push.closed
})

test('at most `concurrency` pushes are open, and a reply frees a slot for the next', async () => {
  const { answer, release } = heldReply()
  const { endpoint, queue } = await openBoth(answer, { concurrency: 2 })
  const [first, second, third, witness] = newIds(4) as [string, string, string, string]
  for (const jobId of [first, second, third]) await queue.publish(jobId)
  await Promise.all([endpoint.arrival(first), endpoint.arrival(second)])
  // A push of another queue arrives after everything that this one has already sent.
  const other = openQueue({ batchUrl: endpoint.url })
  opened.push(other)
  await other.publish(witness)
  await endpoint.arrival(witness)
  expect(endpoint.pushesOf(third)).toHaveLength(0)
  release()
  expect(await endpoint.arrival(third)).toMatchObject({ attempt: 1 })
})

test('with one push at a time, jobs are pushed in the order they were published', async () => {
  const { endpoint, queue } = await openBoth(undefined, { concurrency: 1 })
  const jobs = newIds(5)
  for (const jobId of jobs) await queue.publish(jobId)
  await endpoint.arrival(jobs[4] ?? '')
  expect(endpoint.pushes.map((push) => push.jobId)).toEqual(jobs)
})

test('a job that is published five times while it waits is pushed once', async () => {
  const { answer, release } = heldReply()
  const { endpoint, queue } = await openBoth(answer, { concurrency: 1 })
  const [first, waiting, last] = newIds(3) as [string, string, string]
  await queue.publish(first)
  for (let i = 0; i < 5; i++) await queue.publish(waiting)
  await queue.publish(last)
  release()
  await endpoint.arrival(last)
  expect(endpoint.pushes.map((push) => push.jobId)).toEqual([first, waiting, last])
})

test('a job that is published while its push is open is pushed once more', async () => {
  const { answer, release } = heldReply()
  const { endpoint, queue } = await openBoth(answer, { concurrency: 1 })
  const jobId = randomUUID()
  await queue.publish(jobId)
  await endpoint.arrival(jobId)
  await queue.publish(jobId)
  release()
  expect(await endpoint.arrival(jobId, 2)).toMatchObject({ jobId })
})

test('a refused job does not occupy a slot while it is delayed', async () => {
  const [refused, other] = newIds(2) as [string, string]
  const { endpoint, queue } = await openBoth(({ jobId }) => (jobId === refused ? 429 : 204), {
    concurrency: 1,
    maxAttempts: 2,
    backoff: { baseMs: 600_000, maxMs: 600_000, jitter: 0.5 },
  })
  await queue.publish(refused)
  await endpoint.arrival(refused)
  await queue.publish(other)
  await endpoint.arrival(other)
  expect(endpoint.pushesOf(refused)).toHaveLength(1)
})

test.each([202, 302, 401, 500])('%i is not an acknowledgement: the push is repeated', async (status) => {
  const { endpoint, queue } = await openBoth(({ attempt }) => (attempt === 1 ? status : 204))
  const jobId = randomUUID()
  await queue.publish(jobId)
  expect(await endpoint.arrival(jobId, 2)).toMatchObject({ jobId })
})

test('a job published before batch is up is pushed once it is', async () => {
  const { endpoint: closed } = await openBoth()
  await closed.close()
  opened.splice(0)
  const queue = openQueue({ batchUrl: closed.url, maxAttempts: 10_000 })
  opened.push(queue)
  const jobId = randomUUID()
  await queue.publish(jobId)
  const endpoint = await openPushEndpoint(() => 204, Number(new URL(closed.url).port))
  opened.push(endpoint)
  expect(await endpoint.arrival(jobId)).toMatchObject({ jobId })
})

test('a push whose connection breaks is repeated', async () => {
  const { endpoint, queue } = await openBoth(({ attempt }) =>
    attempt === 1 ? new Promise(() => undefined) : 204,
  )
  const jobId = randomUUID()
  await queue.publish(jobId)
  await endpoint.arrival(jobId)
  endpoint.breakConnections()
  expect(await endpoint.arrival(jobId, 2)).toMatchObject({ jobId })
})

test('a push that stays open too long is aborted and repeated', async () => {
  const { endpoint, queue } = await openBoth(
    ({ attempt }) => (attempt === 1 ? new Promise(() => undefined) : 204),
    { pushTimeoutMs: 20 },
  )
  const jobId = randomUUID()
  await queue.publish(jobId)
  const first = await endpoint.arrival(jobId)
  await first.closed
  expect(await endpoint.arrival(jobId, 2)).toMatchObject({ jobId })
})

test('after the last attempt the job is left to the sweep with a warning, and can be published again', async () => {
  const { log, warnings, warning } = recordingLog()
  const { endpoint, queue } = await openBoth(() => 503, { log, maxAttempts: 3 })
  const jobId = randomUUID()
  const givenUp = warning()
  await queue.publish(jobId)
  await givenUp
  expect(endpoint.pushes).toHaveLength(3)
  expect(warnings).toEqual([
    ['push given up, job left to the sweep', { jobId, attempt: 3, acknowledged: false, status: 503 }],
  ])
  await queue.publish(jobId)
  expect(await endpoint.arrival(jobId, 4)).toMatchObject({ envelope: { deliveryAttempt: 1 } })
})

test('close aborts open pushes and drops waiting jobs', async () => {
  const { endpoint, queue } = await openBoth(() => new Promise(() => undefined), { concurrency: 1 })
  const [first, waiting] = newIds(2) as [string, string]
  await queue.publish(first)
  await queue.publish(waiting)
  const push = await endpoint.arrival(first)
  await queue.close()
  await push.closed
  expect(endpoint.pushesOf(waiting)).toHaveLength(0)
})
