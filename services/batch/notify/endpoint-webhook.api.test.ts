import type { RequestListener } from 'node:http'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { Webhook } from 'standardwebhooks'
import { silentLogger } from '#shared/observability/logger.ts'
import { dueDeliveries } from '#shared/webhooks/due-deliveries.ts'
import { type EndpointRepository, endpointRepository } from '#shared/webhooks/endpoint-repository.ts'
import { eventually } from '#test/e2e/processes.ts'
import { openTestTasks, type TestTasks } from '#test/task-fixtures.ts'
import { startTestHost } from '../sources/testing/source-host.ts'
import { createEndpointWebhook } from './endpoint-webhook.ts'
import { createNotifier, type Notifier } from './notifier.ts'
import { watchForDeliveries } from './watch-for-deliveries.ts'

let t: TestTasks
let userId: string
let endpoints: EndpointRepository
const cleanUps: (() => Promise<void>)[] = []
beforeAll(async () => {
  t = await openTestTasks()
  endpoints = endpointRepository(t.database)
})
afterAll(() => t.close())
beforeEach(async () => {
  userId = await t.reset()
})
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

type Received = {
  headers: Record<string, string>
  text: string
  body: { type: string; sequence: number | null; data: object }
}

/** A receiver of an endpoint for all types, and the notifier that delivers to it. */
async function openEndpoint(answer: RequestListener = (_request, reply) => reply.writeHead(204).end()) {
  const received: Received[] = []
  const host = await startTestHost(async (request, reply) => {
    let text = ''
    for await (const chunk of request) text += chunk
    received.push({ headers: request.headers as Record<string, string>, text, body: JSON.parse(text) })
    answer(request, reply)
  })
  cleanUps.push(host.close)
  const types = ['task.created', 'task.running', 'task.succeeded', 'task.failed', 'task.queued'] as never[]
  const endpoint = await endpoints.create(await t.addCaller(userId), {
    url: `${host.origin}/hook`,
    types,
    description: '',
  })
  return { received, endpoint, hostPort: host.hostPort, notifier: notifierOf(host.hostPort) }
}

/** A notifier that may reach these hosts. */
function notifierOf(...allowHosts: string[]): Notifier {
  const rows = dueDeliveries(t.database, { leaseMs: 60_000 })
  const endpoint = createEndpointWebhook({ allowHosts }, rows)
  const notifier = createNotifier({ rows, senders: { endpoint }, inSequence: true, log: silentLogger })
  cleanUps.push(notifier.close)
  return notifier
}

const stateOf = async (endpointId: string) => {
  const { rows } = await endpoints.deliveries(endpointId, { max: 10, after: undefined })
  return rows.reverse().map((row) => ({
    sequence: Number(row.sequence),
    attempts: row.attempts,
    status: row.reply_status,
    error: row.last_error,
    delivered: row.delivered_at !== null,
  }))
}
/** Makes what waits to be repeated due. */
const passTime = () =>
  t.database.query("UPDATE webhook_deliveries SET due_at = now() - interval '1 ms' WHERE due_at > now()")

test('events arrive in order, signed, without links and storage keys', async () => {
  const { received, endpoint, notifier } = await openEndpoint()
  const { taskId } = await t.addTask(userId)
  const output = { name: 'a.mp4', content_type: 'video/mp4', bytes: 3, key: 'tasks/secret' }
  await t.jobs.finish(await t.claim(), { sources: [], outputs: [output] })
  expect(await notifier.sendDue()).toBe(3)
  expect(received.map(({ body }) => [body.sequence, body.type])).toEqual([
    [1, 'task.created'],
    [2, 'task.running'],
    [3, 'task.succeeded'],
  ])
  expect(received[2]?.body.data).toMatchObject({ id: taskId, status: 'succeeded', output_count: 1 })
  expect(received[2]?.text).not.toMatch(/secret|http/)
  const [first] = received
  expect(new Webhook(endpoint.secret).verify(first?.text ?? '', first?.headers ?? {})).toEqual(first?.body)
  expect(await stateOf(endpoint.id)).toContainEqual({
    sequence: 3,
    attempts: 1,
    status: 204,
    error: null,
    delivered: true,
  })
})

test('a worker sends what is new', async () => {
  const { received, notifier } = await openEndpoint()
  for (let i = 0; i < 6; i++) await t.addTask(userId)
  await notifier.sendNew()
  expect(received.map(({ body }) => body.sequence)).toEqual([1, 2, 3, 4, 5, 6])
})

test('during the overlap of two secrets, either verifies', async () => {
  const { received, endpoint, notifier } = await openEndpoint()
  const caller = await t.addCaller(userId)
  const rotated = await endpoints.rotate(caller, endpoint.id, 60)
  await endpoints.test(userId, endpoint.id)
  await notifier.sendDue()
  const [{ text, headers, body } = {} as Received] = received
  expect(body).toMatchObject({ type: 'webhook.test', sequence: null, data: { id: endpoint.id } })
  for (const secret of [endpoint.secret, rotated?.secret ?? '']) {
    expect(new Webhook(secret).verify(text, headers)).toEqual(body)
  }
  await endpoints.rotate(caller, endpoint.id, 0)
  await endpoints.test(userId, endpoint.id)
  await notifier.sendDue()
  expect(() =>
    new Webhook(rotated?.secret ?? '').verify(received[1]?.text ?? '', received[1]?.headers ?? {}),
  ).toThrow()
})

describe('a receiver that fails', () => {
  test('gets the same event again before those that follow', async () => {
    let status = 503
    const { received, endpoint, notifier } = await openEndpoint((_request, reply) =>
      reply.writeHead(status).end(),
    )
    for (let i = 0; i < 3; i++) await t.addTask(userId)
    expect(await notifier.sendDue()).toBe(0)
    expect(received).toHaveLength(1)
    expect((await stateOf(endpoint.id))[0]).toMatchObject({
      attempts: 1,
      status: 503,
      error: 'notify.failed',
    })
    status = 204
    await passTime()
    expect(await notifier.sendDue()).toBe(3)
    expect(received.map(({ body }) => body.sequence)).toEqual([1, 1, 2, 3])
    expect(received[0]?.headers['webhook-id']).toBe(received[1]?.headers['webhook-id'])
  })

  test('for one event alone gets the others after a few attempts', async () => {
    const { received, endpoint, notifier } = await openEndpoint((_request, reply) =>
      reply.writeHead(received.at(-1)?.body.sequence === 1 ? 500 : 204).end(),
    )
    await t.addTask(userId)
    await t.addTask(userId)
    for (let i = 0; i < 4; i++) {
      await notifier.sendDue()
      await passTime()
    }
    expect(received.map(({ body }) => body.sequence)).toEqual([1, 1, 1, 1, 2])
    expect(await stateOf(endpoint.id)).toMatchObject([{ attempts: 4 }, { delivered: true }])
  })

  test('does not delay other endpoints', async () => {
    const broken = await openEndpoint((_request, reply) => reply.writeHead(500).end())
    const working = await openEndpoint()
    for (let i = 0; i < 2; i++) await t.addTask(userId)
    await notifierOf(broken.hostPort, working.hostPort).sendDue()
    expect(broken.received).toHaveLength(1)
    expect(working.received.map(({ body }) => body.sequence)).toEqual([1, 2])
  })

  test('for good, with 410, is disabled', async () => {
    const { received, endpoint, notifier } = await openEndpoint((_request, reply) =>
      reply.writeHead(410).end(),
    )
    for (let i = 0; i < 2; i++) await t.addTask(userId)
    await notifier.sendDue()
    expect(received).toHaveLength(1)
    expect(await endpoints.find(userId, endpoint.id)).toMatchObject({
      enabled: false,
      disabled_reason: 'notify.rejected',
    })
  })
})

test('concurrent senders never send two events to one endpoint at a time', async () => {
  let open = 0
  let maxOpen = 0
  const { received, notifier } = await openEndpoint((_request, reply) => {
    maxOpen = Math.max(maxOpen, ++open)
    setTimeout(() => {
      open--
      reply.writeHead(204).end()
    }, 5)
  })
  for (let i = 0; i < 8; i++) await t.addTask(userId)
  await Promise.all(Array.from({ length: 4 }, () => notifier.sendDue()))
  await notifier.sendDue()
  expect(maxOpen).toBe(1)
  expect(received.map(({ body }) => body.sequence)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
})

test('deliveries are sent as soon as they are queued', async () => {
  const { received, endpoint, notifier } = await openEndpoint()
  cleanUps.push(watchForDeliveries(t.database, notifier.sendNew, silentLogger))
  await eventually('a test to arrive', 10_000, async () => {
    await endpoints.test(userId, endpoint.id)
    return received.length > 0
  })
})

test('the account of a deleted user gets nothing', async () => {
  const { received, notifier } = await openEndpoint()
  await t.addTask(userId)
  await t.database.query('UPDATE users SET deleted_at = now()')
  expect(await notifier.sendDue()).toBe(0)
  expect(received).toEqual([])
})
