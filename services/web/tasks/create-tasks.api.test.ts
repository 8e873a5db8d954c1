import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { operations } from '#shared/contract/operations.ts'
import { expectFieldErrors, expectProblem, expectReply } from '#test/expect-reply.ts'
import { openTestWeb, type TestUser, type TestWeb } from '#test/web-app.ts'

const { createTasks, getTask, listTasks, retryTask } = operations
const url = 'https://example.com/a.mp4'
const MAX_UNFINISHED = 6

let web: TestWeb
let ada: TestUser
beforeAll(async () => {
  web = await openTestWeb({
    env: {
      TASKS_MAX_UNFINISHED: String(MAX_UNFINISHED),
      MAILS_PER_HOUR: '1',
      MAIL_FROM: 'cutroom@example.com',
    },
  })
})
beforeEach(async () => {
  ada = await web.signUp()
})
afterEach(() => expect(web.log.takeErrors()).toEqual([]))
afterAll(() => web.close())

const as = () => ({ Authorization: web.bearer(ada) })
const post = (tasks: unknown[], mode?: string, headers: Record<string, string> = {}) =>
  web.agent
    .post('/tasks/batch')
    .set({ ...as(), ...headers })
    .send({ tasks, ...(mode && { mode }) })
const create = async (...args: Parameters<typeof post>) =>
  expectReply(createTasks, await post(...args), 202).results
const listed = async () =>
  expectReply(listTasks, await web.agent.get('/tasks?max=100').set(as()), 200).tasks.map(({ id }) => id)
const missing = { upload_id: randomUUID() }

describe('a batch', () => {
  test('creates its tasks in order, publishes each job, and replies with each task', async () => {
    const before = web.queue.published.length
    const results = await create([
      { url, preset: 'mp3' },
      { url, metadata: { order: '17' } },
      { url: `${url}?3` },
    ])
    expect(results.map(({ task, error }) => [task?.preset, task?.metadata, error])).toEqual([
      ['mp3', {}, null],
      ['reel', { order: '17' }, null],
      ['reel', {}, null],
    ])
    expect((await listed()).toSorted()).toEqual(results.map(({ task }) => task?.id).toSorted())
    expect(new Set(web.queue.published.slice(before)).size).toBe(3)
  })

  test('of all or none is none when one task is impossible, and names it', async () => {
    const problem = expectProblem(createTasks, await post([{ url }, missing]), 'upload.not_found')
    expect(problem.detail).toMatch(/^Task 2 of the batch: /)
    const refused = await post([{ url }, { url }, { sources: [{ url: 'http://10.0.0.1/a.mp4' }] }])
    expect(expectProblem(createTasks, refused, 'source.refused').errors).toMatchObject([
      { path: 'tasks.2.sources.0.url' },
    ])
    expect(await listed()).toEqual([])
  })

  test('of each task creates those that are possible, and says why others are not', async () => {
    const results = await create([missing, { url }, { url: 'http://10.0.0.1/a.mp4' }], 'each')
    expect(results.map(({ task, error }) => [task === null, error?.code])).toEqual([
      [true, 'upload.not_found'],
      [false, undefined],
      [true, 'source.refused'],
    ])
    expect(await listed()).toEqual([results[1]?.task?.id])
  })

  test('counts each task against the quota', async () => {
    const results = await create(Array(MAX_UNFINISHED + 2).fill({ url }), 'each')
    expect(results.filter(({ task }) => task !== null)).toHaveLength(MAX_UNFINISHED)
    expect(results.at(-1)?.error?.code).toBe('request.rate_limited')
    expectProblem(createTasks, await post([{ url }]), 'request.rate_limited')
    expect(await listed()).toHaveLength(MAX_UNFINISHED)
  })

  test('adds no more than the quota allows, however many are sent at once', async () => {
    const batch = Array(MAX_UNFINISHED - 1).fill({ url })
    await Promise.all(Array.from({ length: 4 }, () => post(batch, 'each')))
    expect(await listed()).toHaveLength(MAX_UNFINISHED)
  })

  test('that uses up the quota refuses retries until a task has finished', async () => {
    const [failed] = await create([{ url }])
    const id = failed?.task?.id ?? ''
    await web.jobs.fail(await web.claim(id), { code: 'media.failed', message: 'failed' }, { usedUp: false })
    await create(Array(MAX_UNFINISHED).fill({ url }))
    const retry = () => web.agent.post(`/tasks/${id}/retry`).set(as())
    expectProblem(retryTask, await retry(), 'request.rate_limited')
    const { status } = expectReply(getTask, await web.agent.get(`/tasks/${id}`).set(as()), 200)
    expect(status).toBe('failed')
    await web.finish((await listed())[0] ?? '')
    expectReply(retryTask, await retry(), 202)
  })

  test('leaves nothing of a task whose quota of e-mails is used up', async () => {
    const notify = { email: true }
    const results = await create([{ url, notify }, { url, notify }, { url }], 'each')
    expect(results.map(({ error }) => error?.code)).toEqual([undefined, 'request.rate_limited', undefined])
    expect(await listed()).toHaveLength(2)
  })

  test('is created once for a key, and with other tasks is another request', async () => {
    const key = { 'Idempotency-Key': randomUUID() }
    const first = await post([{ url }, missing], 'each', key)
    const again = await post([{ url }, missing], 'each', key)
    expectReply(createTasks, again, 202)
    expect(again.text).toBe(first.text)
    expect(await listed()).toHaveLength(1)
    expectProblem(createTasks, await post([{ url }], 'each', key), 'idempotency.mismatch')
  })

  test.each([
    ['nothing', [], ['tasks']],
    ['101 tasks', Array(101).fill({ url }), ['tasks']],
    ['an invalid task', [{ url }, { url, preset: 'gold' }], ['tasks.1.preset']],
    ['a task without a source', [{ preset: 'reel' }], ['tasks.0.url']],
  ])('of %s is refused', async (_, tasks, paths) => {
    expectFieldErrors(createTasks, await post(tasks, 'each'), paths)
    expect(await listed()).toEqual([])
  })

  test('may have 100 tasks', async () => {
    expect(await create(Array(100).fill({ url }), 'each')).toHaveLength(100)
  })
})
