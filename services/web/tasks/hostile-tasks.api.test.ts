import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { operations } from '#shared/contract/operations.ts'
import { expectFieldErrors, expectProblem, expectReply } from '#test/expect-reply.ts'
import { openTestWeb, type TestUser, type TestWeb } from '#test/web-app.ts'

const { createTask, getTask, deleteTask, getOutput } = operations

let web: TestWeb
let ada: TestUser
let eve: TestUser
beforeAll(async () => {
  web = await openTestWeb()
  ada = await web.signUp()
  eve = await web.signUp()
})
afterEach(() => {
  // No request caused an unexpected error.
  expect(web.log.takeErrors()).toEqual([])
})
afterAll(() => web.close())

const as = (user: Pick<TestUser, 'token'>) => ({ Authorization: web.bearer(user) })
const post = (body: object | string, user = ada) =>
  web.agent.post('/tasks').set(as(user)).type('json').send(body)

async function countTasks(): Promise<number> {
  const [row] = await web.database.query<{ count: string }>('SELECT count(*) FROM tasks')
  return Number(row?.count)
}

describe('a task', () => {
  test('of another user gets the replies of an unknown task', async () => {
    const { id } = await web.createTask(ada)
    await web.finish(id, { 'a.mp4': 'bytes' })
    const never = randomUUID()
    const ways = [
      { operation: getTask, ask: (task: string) => web.agent.get(`/tasks/${task}`) },
      { operation: deleteTask, ask: (task: string) => web.agent.delete(`/tasks/${task}`) },
      { operation: operations.taskEvents, ask: (task: string) => web.agent.get(`/tasks/${task}/events`) },
      { operation: operations.retryTask, ask: (task: string) => web.agent.post(`/tasks/${task}/retry`) },
      { operation: getOutput, ask: (task: string) => web.agent.get(`/tasks/${task}/outputs/a.mp4`) },
    ]
    for (const { operation, ask } of ways) {
      const foreign = expectProblem(operation, await ask(id).set(as(eve)), 'task.not_found')
      const unknown = expectProblem(operation, await ask(never).set(as(eve)), 'task.not_found')
      expect({ ...foreign, request_id: '' }).toEqual({ ...unknown, request_id: '' })
    }
    expectReply(getTask, await web.agent.get(`/tasks/${id}`).set(as(ada)), 200)
  })
  test('with a malformed id gets the reply of an unknown task', async () => {
    for (const id of ['1', 'x', '%00', '..%2f..', "1'%20OR%201=1", '0'.repeat(5_000), `${randomUUID()}x`]) {
      expectProblem(getTask, await web.agent.get(`/tasks/${id}`).set(as(ada)), 'task.not_found')
    }
    const odd = await web.agent.get('/tasks/%zz').set(as(ada))
    expectProblem(getTask, odd, 'request.malformed')
  })
  test("from another user's upload is refused like an unknown upload", async () => {
    const theirs = await web.createUpload(eve)
    const foreign = expectProblem(createTask, await post({ upload_id: theirs }), 'upload.not_found')
    const unknown = randomUUID()
    const never = expectProblem(createTask, await post({ upload_id: unknown }), 'upload.not_found')
    expect(never.detail.replace(unknown, theirs)).toBe(foreign.detail)
    const image = { seconds: 1, image: { upload_id: theirs } }
    const recipe = { sources: [{ url: 'https://example.com/a.mp4' }], bumper: { intro: image } }
    expectProblem(createTask, await post({ recipe }), 'upload.not_found')
  })
  test('is aborted by the first delete, removed by the second, and unknown to the third', async () => {
    const { id } = await web.createTask(ada)
    const remove = () => web.agent.delete(`/tasks/${id}`).set(as(ada))
    expect(expectReply(deleteTask, await remove(), 200).status).toBe('aborted')
    expectReply(deleteTask, await remove(), 204)
    expectProblem(deleteTask, await remove(), 'task.not_found')
  })
  test('that has finished is removed rather than aborted', async () => {
    const { id } = await web.createTask(ada)
    await web.finish(id)
    expectReply(deleteTask, await web.agent.delete(`/tasks/${id}`).set(as(ada)), 204)
  })
  test('aborted by many requests at once is aborted by one of them', async () => {
    const { id } = await web.createTask(ada)
    const replies = await Promise.all(
      Array.from({ length: 8 }, () => web.agent.delete(`/tasks/${id}`).set(as(ada))),
    )
    const statuses = replies.map(({ status }) => status).sort()
    expect(statuses).toEqual([200, 204, ...Array(6).fill(404)])
  })
  test('aborted while it finishes has one outcome', async () => {
    for (let round = 0; round < 10; round++) {
      const { id } = await web.createTask(ada)
      const claim = await web.claim(id)
      const [reply, finished] = await Promise.all([
        web.agent.delete(`/tasks/${id}`).set(as(ada)),
        web.jobs.finish(claim, { sources: [], outputs: [] }),
      ])
      // Aborted first: the finish is fenced out. Finished first: the delete removes it.
      if (reply.status === 200) expect(finished).toBe(false)
      else expect({ status: reply.status, finished }).toEqual({ status: 204, finished: true })
    }
  })
  test.each([
    'file:///etc/passwd',
    'ftp://example.com/a',
    'gopher://x/',
    'data:video/mp4;base64,AA',
    'concat:a|b',
    '//example.com/a',
    '/etc/passwd',
    'javascript:1',
    '',
    'http://',
  ])('is not created from the URL %j', async (url) => {
    const before = await countTasks()
    expectFieldErrors(createTask, await post({ url }), ['url'])
    expect(await countTasks()).toBe(before)
  })
  test.each([
    'http://127.0.0.1/a.mp4',
    'http://127.1/a.mp4',
    'http://0177.0.0.1/a.mp4',
    'http://2130706433/a.mp4',
    'http://0x7f.1/a.mp4',
    'http://[::1]/a.mp4',
    'http://[::ffff:127.0.0.1]/a.mp4',
    'http://[::127.0.0.1]/a.mp4',
    'http://[64:ff9b::7f00:1]/a.mp4',
    'http://169.254.169.254/computeMetadata/v1/',
    'https://user:password@example.com/a.mp4',
    'http://example.com:25/a.mp4',
  ])('is not created from the address %j, wherever it stands', async (url) => {
    const before = await countTasks()
    for (const body of [{ url }, { sources: [{ url }] }, { recipe: { sources: [{ url }] } }]) {
      const reply = await post(body)
      expectProblem(createTask, reply, 'source.refused')
      // The reply names no more than the request did.
      expect(reply.body.detail).not.toMatch(/127\.0\.0\.1(?!\/)|::1/)
    }
    expect(await countTasks()).toBe(before)
  })
})
