import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { operations } from '#shared/contract/operations.ts'
import { eventually } from '#test/e2e/processes.ts'
import { expectFieldErrors, expectProblem, expectReply } from '#test/expect-reply.ts'
import { openTestWeb, type TestUser, type TestWeb } from '#test/web-app.ts'

const { createTask, getTask } = operations

let web: TestWeb
let ada: TestUser
beforeAll(async () => {
  web = await openTestWeb({ env: { EVENT_STREAMS_PER_TASK: '2', REQUESTS_IN_FLIGHT: '2' } })
})
beforeEach(async () => {
  ada = await web.signUp()
})
afterEach(() => expect(web.log.takeErrors()).toEqual([]))
afterAll(() => web.close())

const get = (id: string, query = '', headers: Record<string, string> = {}) =>
  web.agent.get(`/tasks/${id}${query}`).set({ Authorization: web.bearer(ada), ...headers })
/** A request that has been sent, and whose reply may take long. */
const poll = (...request: Parameters<typeof get>) => get(...request).then((reply) => reply)

describe('a long poll', () => {
  test('of a finished task is answered at once', async () => {
    const { id } = await web.createTask(ada)
    await web.finish(id)
    expect(expectReply(getTask, await get(id, '?wait=60'), 200).status).toBe('succeeded')
  })

  test('is answered when the task finishes, not when it makes progress', async () => {
    const { id } = await web.createTask(ada)
    const polled = poll(id, '?wait=60')
    const claim = await web.claim(id)
    await web.jobs.heartbeat(claim, 40)
    await web.jobs.finish(claim, { sources: [], outputs: [] })
    expect(expectReply(getTask, await polled, 200)).toMatchObject({ status: 'succeeded', progress: 100 })
  })

  test('is answered with what the task is when the time is over', async () => {
    const { id } = await web.createTask(ada)
    expect(expectReply(getTask, await get(id, '?wait=0'), 200).status).toBe('queued')
    expect(expectReply(getTask, await get(id, '?wait=1'), 200).status).toBe('queued')
  })

  test('with the version that the client has is answered when that changes', async () => {
    const { id } = await web.createTask(ada)
    const { etag = '' } = (await get(id)).headers
    const polled = poll(id, '?wait=60', { 'If-None-Match': etag })
    const claim = await web.claim(id)
    await web.jobs.heartbeat(claim, 40)
    expect(expectReply(getTask, await polled, 200).status).toBe('running')
    const later = (await get(id)).headers.etag ?? ''
    expectReply(getTask, await get(id, '?wait=0', { 'If-None-Match': later }), 304)
  })

  test('ends when its task is removed', async () => {
    const { id } = await web.createTask(ada)
    const polled = poll(id, '?wait=60')
    await web.database.query('DELETE FROM tasks WHERE id = $1', [id])
    expectProblem(getTask, await polled, 'task.not_found')
  })

  test('counts as an event stream, and as no request in progress', async () => {
    const { id } = await web.createTask(ada)
    /** Sent again when the request below, which does not wait, had its place. */
    const pollAgain = async () => {
      let reply = await poll(id, '?wait=60')
      while (reply.status === 429) reply = await poll(id, '?wait=60')
      return reply
    }
    const polls = [pollAgain(), pollAgain()]
    await eventually('both wait', 5_000, async () => (await get(id, '?wait=0')).status === 429)
    expectProblem(getTask, await get(id, '?wait=0'), 'request.rate_limited')
    expectReply(getTask, await get(id), 200)
    await web.finish(id)
    for (const reply of await Promise.all(polls)) expectReply(getTask, reply, 200)
    expectReply(getTask, await get(id, '?wait=1'), 200)
  })

  test('whose client is gone makes space for another', async () => {
    const { id } = await web.createTask(ada)
    for (let i = 0; i < 3; i++) {
      const leaving = AbortSignal.timeout(50)
      const headers = { Authorization: web.bearer(ada) }
      await fetch(`${web.url}/tasks/${id}?wait=60`, { headers, signal: leaving }).catch(() => {})
    }
    await eventually('their places are free', 5_000, async () => (await get(id, '?wait=0')).status === 200)
  })

  test.each(['-1', '61', '1.5', 'x'])('of %s seconds is refused', async (wait) => {
    const { id } = await web.createTask(ada)
    expectFieldErrors(getTask, await get(id, `?wait=${wait}`), ['wait'])
  })
})

describe('the entity tag of a task', () => {
  test('saves a reply that the client has', async () => {
    const { id } = await web.createTask(ada)
    const { etag = '' } = (await get(id)).headers
    const unchanged = await get(id, '', { 'If-None-Match': `"x", ${etag}` })
    expectReply(getTask, unchanged, 304)
    expect(unchanged.headers.etag).toBe(etag)
    expectReply(getTask, await get(id, '', { 'If-None-Match': '"x"' }), 200)
    await web.finish(id)
    expectReply(getTask, await get(id, '', { 'If-None-Match': etag }), 200)
  })
})

test('a create confirms that it is asynchronous to those who ask for that', async () => {
  const create = (headers: Record<string, string>) =>
    web.agent
      .post('/tasks')
      .set({ Authorization: web.bearer(ada), ...headers })
      .send({ url: 'https://example.com/a.mp4' })
  const asked = await create({ Prefer: 'respond-async' })
  expectReply(createTask, asked, 202)
  expect(asked.headers['preference-applied']).toBe('respond-async')
  expect((await create({})).headers).not.toHaveProperty('preference-applied')
})
