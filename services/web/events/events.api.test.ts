import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { createParser } from 'eventsource-parser'
import { Event } from '#shared/contract/events/events.ts'
import { operations } from '#shared/contract/operations.ts'
import { eventually } from '#test/e2e/processes.ts'
import { expectFieldErrors, expectReply } from '#test/expect-reply.ts'
import { openTestWeb, type TestUser, type TestWeb } from '#test/web-app.ts'

let web: TestWeb
let ada: TestUser
beforeAll(async () => {
  web = await openTestWeb()
})
beforeEach(async () => {
  ada = await web.signUp()
})
afterEach(() => {
  jest.restoreAllMocks()
  expect(web.log.takeErrors()).toEqual([])
})
afterAll(() => web.close())

const { listEvents } = operations
const get = (query = '') => web.agent.get(`/events${query}`).set('Authorization', web.bearer(ada))

type Message = { event: string; id: string; data: unknown }

/** A stream of events, read one by one; `leave` disconnects. */
async function open(query = '', headers: Record<string, string> = {}) {
  const leaving = new AbortController()
  const reply = await fetch(`${web.url}/events${query}`, {
    headers: { Authorization: web.bearer(ada), Accept: 'text/event-stream', ...headers },
    signal: leaving.signal,
  })
  expect(reply.status).toBe(200)
  expect(reply.headers.get('content-type')).toMatch(/^text\/event-stream/)
  const messages = messagesOf(reply.body as ReadableStream<Uint8Array>)
  return {
    next: async () => (await messages.next()).value as Message,
    isDone: async () => (await messages.next()).done,
    leave: () => leaving.abort(),
  }
}

async function* messagesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Message> {
  const messages: Message[] = []
  const parser = createParser({
    onEvent: ({ event = '', id = '', data }) => void messages.push({ event, id, data: JSON.parse(data) }),
  })
  for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
    parser.feed(chunk)
    yield* messages.splice(0)
  }
}

describe('a page of events', () => {
  test('has the metadata of tasks that have any', async () => {
    await web.createTask(ada, { url: 'https://example.com/a.mp4', metadata: { order: '17' } })
    await web.createTask(ada)
    const { events } = expectReply(listEvents, await get(), 200)
    expect(events.map(({ data }) => 'metadata' in data && data.metadata)).toEqual([{ order: '17' }, false])
  })

  test('has every kind of event as documented, with links to outputs', async () => {
    await web.createUpload(ada)
    const { id } = await web.createTask(ada)
    await web.finish(id, { 'a.mp4': 'bytes' })
    await web.agent.delete(`/tasks/${id}`).set('Authorization', web.bearer(ada)).expect(204)
    const { events, ...page } = expectReply(listEvents, await get(), 200)
    expect(page).toEqual({ next: 5, has_more: false, oldest: 1 })
    expect(events.map(({ sequence, type }) => `${sequence} ${type}`)).toEqual([
      '1 upload.completed',
      '2 task.created',
      '3 task.running',
      '4 task.succeeded',
      '5 task.deleted',
    ])
    expect(events[3]?.data).toMatchObject({
      id,
      outputs: [{ name: 'a.mp4', url: `http://cutroom.test/tasks/${id}/outputs/a.mp4` }],
    })
  })

  test('is filtered by types and task, and continues after a number', async () => {
    const first = await web.createTask(ada)
    const second = await web.createTask(ada)
    await web.finish(second.id)
    const numbers = async (query: string) =>
      expectReply(listEvents, await get(query), 200).events.map(({ sequence }) => sequence)
    expect(await numbers(`?task_id=${first.id}`)).toEqual([1])
    expect(await numbers('?types=task.created')).toEqual([1, 2])
    expect(await numbers(`?types=task.running,task.succeeded&task_id=${second.id}`)).toEqual([3, 4])
    expect(await numbers('?after=1&max=2')).toEqual([2, 3])
  })

  test.each([
    ['?after=-1', 'after'],
    ['?max=101', 'max'],
    ['?types=task.exploded', 'types'],
    ['?task_id=1', 'task_id'],
  ])('of %s names the wrong field', async (query, field) => {
    expectFieldErrors(listEvents, await get(query).ok(() => true), [field])
  })
})

describe('a stream of events', () => {
  test('opens with the number after which it begins, and has what happens then', async () => {
    const { id } = await web.createTask(ada)
    const stream = await open()
    expect(await stream.next()).toEqual({ event: 'open', id: '1', data: { sequence: 1, oldest: 1 } })
    const claim = await web.claim(id)
    const running = await stream.next()
    expect(running).toMatchObject({ event: 'task.running', id: '2' })
    expect(Event.parse(running.data)).toMatchObject({ sequence: 2, data: { id, status: 'running' } })
    await web.jobs.finish(claim, { sources: [], outputs: [] })
    expect(await stream.next()).toMatchObject({ event: 'task.succeeded', id: '3' })
    // It does not end with the task.
    await web.createTask(ada)
    expect(await stream.next()).toMatchObject({ event: 'task.created', id: '4' })
    stream.leave()
  })

  test('resumes after Last-Event-ID, which takes precedence', async () => {
    for (let i = 0; i < 3; i++) await web.createTask(ada)
    const stream = await open('?after=0', { 'Last-Event-ID': '1' })
    expect(await stream.next()).toMatchObject({ event: 'open', id: '1' })
    expect([(await stream.next()).id, (await stream.next()).id]).toEqual(['2', '3'])
    stream.leave()
  })

  test('has all events, however many there are, and skips those of other types', async () => {
    await web.createTask(ada)
    await web.database.query(
      `INSERT INTO events (user_id, sequence, type, data) SELECT $1, number, 'task.deleted', $2 FROM generate_series(2, 250) AS number`,
      [ada.id, { id: ada.id }],
    )
    await web.database.query('UPDATE event_counters SET last = 250 WHERE user_id = $1', [ada.id])
    await web.createTask(ada)
    const all = await open('?after=0')
    expect(await all.next()).toMatchObject({ event: 'open', id: '0' })
    for (let sequence = 1; sequence <= 251; sequence++) expect((await all.next()).id).toBe(String(sequence))
    all.leave()
    const some = await open('?after=0&types=task.created')
    expect([(await some.next()).id, (await some.next()).id, (await some.next()).id]).toEqual([
      '0',
      '1',
      '251',
    ])
    some.leave()
  })

  test('lacks events of others', async () => {
    const stream = await open()
    await stream.next()
    await web.createTask(await web.signUp())
    const { id } = await web.createTask(ada)
    expect(await stream.next()).toMatchObject({ id: '1', data: { data: { id } } })
    stream.leave()
  })

  test('ends when the session has ended', async () => {
    const stream = await open()
    await stream.next()
    await web.database.query('DELETE FROM sessions WHERE user_id = $1', [ada.id])
    const now = Date.now.bind(Date)
    // Lets the cache of verified tokens expire; the next event is noticed at once.
    jest.spyOn(Date, 'now').mockImplementation(() => now() + 5_000)
    await web.database.query("SELECT pg_notify('cutroom_event', $1)", [ada.id])
    expect(await stream.isDone()).toBe(true)
  })

  test('needs the scope to read tasks', async () => {
    const { body } = await web.agent
      .post('/auth/keys')
      .set('Authorization', web.bearer(ada))
      .send({ name: 'a writer', scopes: ['tasks:write'] })
    await web.agent.get('/events').set('Authorization', `Bearer ${body.key}`).expect(403)
  })
})

test('streams of a user are limited, until they are closed', async () => {
  const small = await openTestWeb({ env: { EVENT_STREAMS_PER_USER: '2' } })
  try {
    const user = await small.signUp()
    const start = () => {
      const leaving = new AbortController()
      const headers = { Authorization: small.bearer(user), Accept: 'text/event-stream' }
      const reply = fetch(`${small.url}/events`, { headers, signal: leaving.signal })
      return { status: reply.then(({ status }) => status), leave: () => leaving.abort() }
    }
    const streams = [start(), start()]
    for (const { status } of streams) expect(await status).toBe(200)
    expect(await start().status).toBe(429)
    for (const { leave } of streams) leave()
    await eventually('a stream is free', 5_000, async () => (await start().status) === 200)
  } finally {
    await small.close()
  }
})
