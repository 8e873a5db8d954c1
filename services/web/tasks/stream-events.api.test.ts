import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { Task } from '#shared/contract/tasks.ts'
import type { TaskChangeListener } from '#shared/database/task-change-listener.ts'
import { eventually } from '#test/e2e/processes.ts'
import { openTestWeb, type TestUser, type TestWeb } from '#test/web-app.ts'

let web: TestWeb
let ada: TestUser
beforeAll(async () => {
  web = await openTestWeb()
  ada = await web.signUp()
})
afterEach(() => expect(web.log.takeErrors()).toEqual([]))
afterAll(() => web.close())

/** The task in each event as it arrives; `leave` disconnects. */
async function follow(taskId: string) {
  const leaving = new AbortController()
  const reply = await fetch(`${web.url}/tasks/${taskId}/events`, {
    headers: { Authorization: web.bearer(ada) },
    signal: leaving.signal,
  })
  expect(reply.status).toBe(200)
  expect(reply.headers.get('content-type')).toMatch(/^text\/event-stream/)
  return { events: tasksOf(reply.body as ReadableStream<Uint8Array>), leave: () => leaving.abort() }
}

async function* tasksOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Task> {
  let text = ''
  for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
    text += chunk
    const blocks = text.split('\n\n')
    text = blocks.pop() ?? ''
    for (const block of blocks) {
      const fields = Object.fromEntries(block.split('\n').map((line) => line.split(/:\s?(.*)/s).slice(0, 2)))
      if (fields.event === 'task') yield Task.parse(JSON.parse(fields.data))
    }
  }
}

describe('the events of a task', () => {
  test('begin with its current state, report every change and end when the task is finished', async () => {
    const { id } = await web.createTask(ada)
    const { events } = await follow(id)
    const next = async () => (await events.next()).value as Task
    expect(await next()).toMatchObject({ id, status: 'queued' })
    const claim = await web.claim(id)
    await web.jobs.heartbeat(claim, 40)
    expect(await next()).toMatchObject({ status: 'running', progress: 40 })
    await web.jobs.finish(claim, { sources: [], outputs: [] })
    expect(await next()).toMatchObject({ status: 'succeeded', progress: 100 })
    expect(await events.next()).toEqual({ done: true, value: undefined })
  })

  test('of a finished task are a single one', async () => {
    const { id } = await web.createTask(ada)
    await web.finish(id)
    const { events } = await follow(id)
    expect((await events.next()).value).toMatchObject({ status: 'succeeded' })
    expect((await events.next()).done).toBe(true)
  })

  test('end when the task is aborted', async () => {
    const { id } = await web.createTask(ada)
    const { events } = await follow(id)
    await events.next()
    await web.agent.delete(`/tasks/${id}`).set('Authorization', web.bearer(ada)).expect(200)
    expect((await events.next()).value).toMatchObject({ status: 'aborted' })
    expect((await events.next()).done).toBe(true)
  })
})

describe('the events of a task whose reader is authorized no longer', () => {
  /** The status and the number of events of a stream that ends by itself. */
  async function readAll(taskId: string, credential: string, passing = 5_000) {
    const reply = await fetch(`${web.url}/tasks/${taskId}/events`, {
      headers: { Authorization: `Bearer ${credential}` },
    })
    const now = Date.now.bind(Date)
    let count = 0
    for await (const _task of tasksOf(reply.body as ReadableStream<Uint8Array>)) {
      count++
      // Lets time pass for tokens and the cache of verified ones; the next change is noticed at once.
      jest.spyOn(Date, 'now').mockImplementation(() => now() + passing)
      await end()
      await web.database.query("SELECT pg_notify('cutroom_task', $1)", [taskId])
    }
    return count
  }
  let end: () => Promise<unknown>
  let user: TestUser
  beforeEach(async () => {
    user = await web.signUp()
  })
  afterEach(() => void jest.restoreAllMocks())

  test('end when the session has ended', async () => {
    const { id } = await web.createTask(user)
    end = () => web.database.query('DELETE FROM sessions WHERE user_id = $1', [user.id])
    expect(await readAll(id, user.token)).toBe(1)
  })

  test('end when the account is gone', async () => {
    const { id } = await web.createTask(user)
    end = () => web.database.query('DELETE FROM users WHERE id = $1', [user.id])
    expect(await readAll(id, user.token)).toBe(1)
  })

  test('end when the API key was revoked', async () => {
    const { id } = await web.createTask(user)
    const { body } = await web.agent
      .post('/auth/keys')
      .set('Authorization', web.bearer(user))
      .send({ name: 'a player', scopes: ['tasks:read'] })
    end = () => web.agent.delete(`/auth/keys/${body.id}`).set('Authorization', web.bearer(user)).expect(204)
    expect(await readAll(id, body.key)).toBe(1)
  })

  test('end when the token has expired', async () => {
    const { id } = await web.createTask(user)
    end = async () => {}
    expect(await readAll(id, user.token, 43_200_000)).toBe(1)
  })
})

describe('a service', () => {
  test('unsubscribes clients that disconnect', async () => {
    const watched = countingChanges()
    const other = await openTestWeb({ deps: { changes: watched.changes } })
    try {
      const user = await other.signUp()
      const { id } = await other.createTask(user)
      const leaving = new AbortController()
      const reply = await fetch(`${other.url}/tasks/${id}/events`, {
        headers: { Authorization: other.bearer(user) },
        signal: leaving.signal,
      })
      await reply.body?.getReader().read()
      expect(watched.now()).toBe(1)
      leaving.abort()
      await watched.none
      expect(watched.now()).toBe(0)
    } finally {
      await other.close()
    }
  })

  test('ends its streams when it stops', async () => {
    const other = await openTestWeb()
    const user = await other.signUp()
    const { id } = await other.createTask(user)
    const reply = await fetch(`${other.url}/tasks/${id}/events`, {
      headers: { Authorization: other.bearer(user) },
    })
    const text = reply.text()
    await other.close()
    expect(await text).toContain('event:task')
  })
})

/** A listener that never reports a change, and the number of its watchers. */
function countingChanges() {
  let watching = 0
  let forgotten = () => {}
  const none = new Promise<void>((resolve) => {
    forgotten = resolve
  })
  const changes: TaskChangeListener = {
    watch() {
      watching++
      return () => {
        watching--
        if (watching === 0) forgotten()
      }
    },
    async close() {},
  }
  return { changes, now: () => watching, none }
}

test('event streams are limited by task and by user, until they are closed', async () => {
  const eve = await openTestWeb({ env: { EVENT_STREAMS_PER_USER: '3', EVENT_STREAMS_PER_TASK: '2' } })
  try {
    const user = await eve.signUp()
    const tasks = [await eve.createTask(user), await eve.createTask(user)]
    const open = (index: number) => {
      const leaving = new AbortController()
      const headers = { Authorization: eve.bearer(user) }
      const reply = fetch(`${eve.url}/tasks/${tasks[index]?.id}/events`, { headers, signal: leaving.signal })
      return { status: reply.then(({ status }) => status), leave: () => leaving.abort() }
    }
    const streams = [open(0), open(0)]
    for (const { status } of streams) expect(await status).toBe(200)
    expect(await open(0).status).toBe(429)
    streams.push(open(1))
    expect(await streams[2]?.status).toBe(200)
    expect(await open(1).status).toBe(429)
    for (const { leave } of streams) leave()
    await eventually('a stream is free', 5_000, async () => (await open(0).status) === 200)
  } finally {
    await eve.close()
  }
})
