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
let line: Awaited<ReturnType<typeof openLine>>
let web: TestWeb
let ada: TestUser
beforeAll(async () => {
  postgres = await createTestDatabase()
  line = await openLine(new URL(postgres.url))
  const config = testConfig({ DATABASE_URL: line.url })
  web = await openTestWeb({ deps: { database: await openDatabase(config.database, silentLogger) } })
})
beforeEach(async () => {
  ada = await web.signUp()
})
afterEach(async () => {
  await line.mend()
  expect(web.log.takeErrors()).toEqual([])
})
afterAll(async () => {
  await web.close()
  await line.close()
  await postgres.drop()
})

const as = () => ({ Authorization: web.bearer(ada) })
const body = { url: 'https://example.com/a.mp4' }
const post = () => web.agent.post('/tasks').set(as()).send(body)

describe('while the database is away', () => {
  test('every call that needs it answers 503 and when to come back, and then it works again', async () => {
    const { id } = await web.createTask(ada)
    await line.cut()
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

    await line.mend()
    expectReply(ready, await web.agent.get('/health/ready'), 200)
    expectReply(createTask, await post(), 202)
    expectReply(getTask, await web.agent.get(`/tasks/${id}`).set(as()), 200)
  })

  test('a form leaves no file behind', async () => {
    // A user who was let in a moment ago is still believed.
    expectReply(listTasks, await web.agent.get('/tasks').set(as()), 200)
    await line.cut()
    const reply = await web.agent.post('/tasks').set(as()).attach('file', Buffer.from('bytes'), 'a.mp4')
    expectProblem(createTask, reply, 'database.unavailable')
    for await (const { key } of web.storage.list('uploads/')) throw new Error(`${key} was left behind`)
  })

  test('connections that break at work are answered for, and the pool forgets them', async () => {
    const replies = Promise.all(Array.from({ length: 20 }, () => post()))
    await line.carried()
    await line.cut()
    for (const reply of await replies) {
      if (reply.status === 202) expectReply(createTask, reply, 202)
      else expectProblem(createTask, reply, 'database.unavailable')
    }
    await line.mend()
    for (let i = 0; i < 12; i++) expectReply(createTask, await post(), 202)
  })
})

describe('while the storage is away', () => {
  test('health says so, and forms are refused as worth another try', async () => {
    const down = async () => {
      throw new CutroomError('storage.unavailable', 'The storage is away for this test.')
    }
    const other = await openTestWeb({ deps: { storage: { ...web.storage, check: down, create: down } } })
    try {
      expectProblem(ready, await other.agent.get('/health/ready'), 'storage.unavailable')
      const user = await other.signUp()
      const form = other.agent.post('/tasks').set('Authorization', other.bearer(user))
      expectProblem(createTask, await form.attach('file', Buffer.from('x'), 'a.mp4'), 'storage.unavailable')
    } finally {
      await other.close()
    }
  })
})

/** A line to Postgres on a port of its own, that can be cut and mended. */
async function openLine(target: URL) {
  const sockets = new Set<Socket>()
  const traffic = new EventTarget()
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname)
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => {}).on('close', () => sockets.delete(socket))
    }
    near.on('data', () => traffic.dispatchEvent(new Event('data')))
    near.pipe(far).pipe(near)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const url = new URL(target)
  url.port = String(port)

  async function cut() {
    if (!server.listening) return
    server.close()
    for (const socket of sockets) socket.destroy()
    await once(server, 'close')
  }
  return {
    url: url.href,
    cut,
    close: cut,
    /** Resolves when the next words go to Postgres. */
    carried: () => once(traffic, 'data'),
    async mend() {
      if (server.listening) return
      server.listen(port, '127.0.0.1')
      await once(server, 'listening')
    },
  }
}
