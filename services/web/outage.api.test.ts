import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { operations } from '#shared/contract/operations.ts'
import { openDatabase } from '#shared/database/database.ts'
import { CutroomError } from '#shared/errors.ts'
import { silentLogger } from '#shared/observability/logger.ts'
import { createTestDatabase, type TestDatabase } from '#test/database.ts'
import { expectProblem, expectReply } from '#test/expect-reply.ts'
import { openTestWeb, type TestUser, type TestWeb, testConfig } from '#test/web-app.ts'

const { createTask, createUpload, getTask, listTasks, login, live, ready } = operations

let postgres: TestDatabase
let proxy: Awaited<ReturnType<typeof openProxy>>
let web: TestWeb
let ada: TestUser
beforeAll(async () => {
  postgres = await createTestDatabase()
  proxy = await openProxy(new URL(postgres.url))
  const config = testConfig({ DATABASE_URL: proxy.url })
  web = await openTestWeb({ deps: { database: await openDatabase(config.database, silentLogger) } })
})
beforeEach(async () => {
  ada = await web.signUp()
})
afterEach(async () => {
  await proxy.reconnect()
  expect(web.log.takeErrors()).toEqual([])
})
afterAll(async () => {
  await web.close()
  await proxy.close()
  await postgres.drop()
})

const as = () => ({ Authorization: web.bearer(ada) })
const body = { url: 'https://example.com/a.mp4' }
const post = () => web.agent.post('/tasks').set(as()).send(body)

describe('while the database is unavailable', () => {
  test('every call that needs it gets a 503 with Retry-After, and works again afterwards', async () => {
    const { id } = await web.createTask(ada)
    await proxy.disconnect()
    const calls = [
      [createTask, () => post()],
      [createUpload, () => web.agent.post('/uploads').set(as()).send({})],
      [listTasks, () => web.agent.get('/tasks').set(as())],
      [getTask, () => web.agent.get(`/tasks/${id}`).set(as())],
      [login, () => web.agent.post('/auth/login').send({ email: ada.email, password: ada.password })],
      [ready, () => web.agent.get('/health/ready')],
    ] as const
    for (const [operation, call] of calls) {
      const reply = await call()
      expectProblem(operation, reply, 'database.unavailable')
      expect(Number(reply.headers['retry-after'])).toBeGreaterThan(0)
    }
    expectReply(live, await web.agent.get('/health/live'), 200)

    await proxy.reconnect()
    expectReply(ready, await web.agent.get('/health/ready'), 200)
    expectReply(createTask, await post(), 202)
    expectReply(getTask, await web.agent.get(`/tasks/${id}`).set(as()), 200)
  })

  test('a form leaves no file behind', async () => {
    // Caches the token, which would otherwise be refused before the form is read.
    expectReply(listTasks, await web.agent.get('/tasks').set(as()), 200)
    await proxy.disconnect()
    const reply = await web.agent.post('/tasks').set(as()).attach('file', Buffer.from('bytes'), 'a.mp4')
    expectProblem(createTask, reply, 'database.unavailable')
    for await (const { key } of web.storage.list('uploads/')) throw new Error(`${key} was left behind`)
  })

  test('requests on broken connections get replies, and the pool drops the connections', async () => {
    const replies = Promise.all(Array.from({ length: 20 }, () => post()))
    await proxy.sent()
    await proxy.disconnect()
    for (const reply of await replies) {
      if (reply.status === 202) expectReply(createTask, reply, 202)
      else expectProblem(createTask, reply, 'database.unavailable')
    }
    await proxy.reconnect()
    for (let i = 0; i < 12; i++) expectReply(createTask, await post(), 202)
  })
})

describe('while the storage is unavailable', () => {
  test('the health check fails, and forms are refused as retryable', async () => {
    const down = async () => {
      throw new CutroomError('storage.unavailable', 'The storage is unavailable in this test.')
    }
    const storage = { ...web.storage, check: down, create: down, remove: down }
    const other = await openTestWeb({ deps: { storage } })
    try {
      expectProblem(ready, await other.agent.get('/health/ready'), 'storage.unavailable')
      const user = await other.signUp()
      const form = other.agent.post('/tasks').set('Authorization', other.bearer(user))
      expectProblem(createTask, await form.attach('file', Buffer.from('x'), 'a.mp4'), 'storage.unavailable')
      // Nor does what was announced of it count for the user's quota.
      expect(await other.database.query('SELECT FROM uploads WHERE user_id = $1', [user.id])).toEqual([])
    } finally {
      await other.close()
    }
  })
})

/** A TCP proxy for Postgres that can be disconnected and reconnected. */
async function openProxy(target: URL) {
  const sockets = new Set<Socket>()
  const traffic = new EventTarget()
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname)
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => {}).on('close', () => sockets.delete(socket))
    }
    client.on('data', () => traffic.dispatchEvent(new Event('data')))
    client.pipe(upstream).pipe(client)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const url = new URL(target)
  url.port = String(port)

  async function disconnect() {
    if (!server.listening) return
    server.close()
    for (const socket of sockets) socket.destroy()
    await once(server, 'close')
  }
  return {
    url: url.href,
    disconnect,
    close: disconnect,
    /** Resolves when the next bytes are sent to Postgres. */
    sent: () => once(traffic, 'data'),
    async reconnect() {
      if (server.listening) return
      server.listen(port, '127.0.0.1')
      await once(server, 'listening')
    },
  }
}
