import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { operations } from '#shared/contract/operations.ts'
import { expectFieldErrors, expectProblem, expectReply } from '#test/expect-reply.ts'
import { openTestWeb, type TestUser, type TestWeb } from '#test/web-app.ts'

const { createTask, createUpload } = operations
const url = 'https://example.com/a.mp4'

let web: TestWeb
let ada: TestUser
beforeAll(async () => {
  web = await openTestWeb()
  ada = await web.signUp()
})
afterEach(() => expect(web.log.takeErrors()).toEqual([]))
afterAll(() => web.close())

const post = (path: string, key: string, body: object, user = ada) =>
  web.agent
    .post(path)
    .set({ Authorization: web.bearer(user), 'Idempotency-Key': key })
    .send(body)
const form = (key: string, text: string) =>
  web.agent
    .post('/tasks')
    .set({ Authorization: web.bearer(ada), 'Idempotency-Key': key })
    .attach('file', Buffer.from(text), 'a.mp4')

async function count(table: string, user = ada): Promise<number> {
  const [row] = await web.database.query<{ count: string }>(
    `SELECT count(*) FROM ${table} WHERE user_id = $1`,
    [user.id],
  )
  return Number(row?.count)
}

describe('an idempotency key', () => {
  test('sent a hundred times at once creates one task, publishes one job and gets identical replies', async () => {
    const [tasks, published, key] = [await count('tasks'), web.queue.published.length, randomUUID()]
    const replies = await Promise.all(
      Array.from({ length: 100 }, () => post('/tasks', key, { url, preset: 'mp3' })),
    )
    for (const reply of replies) expectReply(createTask, reply, 202)
    expect(new Set(replies.map(({ text }) => text)).size).toBe(1)
    expect(new Set(replies.map(({ headers }) => headers.location)).size).toBe(1)
    expect(await count('tasks')).toBe(tasks + 1)
    expect(web.queue.published.length).toBe(published + 1)
  }, 20_000)

  test('matches the same request with its fields in another order', async () => {
    const key = randomUUID()
    const first = await post('/tasks', key, { url, preset: 'mp3' })
    const again = await post('/tasks', key, { preset: 'mp3', url })
    expectReply(createTask, again, 202)
    expect(again.text).toBe(first.text)
  })

  test('gets the first reply, whatever has happened to the task since', async () => {
    const key = randomUUID()
    const first = await post('/tasks', key, { url })
    await web.finish(first.body.id)
    expect((await post('/tasks', key, { url })).text).toBe(first.text)
  })

  test('gets the first reply, even when what that request needed is gone', async () => {
    const request = { upload_id: await web.createUpload(ada) }
    const [key, batchKey] = [randomUUID(), randomUUID()]
    const first = await post('/tasks', key, request)
    const firstBatch = await post('/tasks/batch', batchKey, { tasks: [request] })
    for (const { id } of [first.body, firstBatch.body.results[0].task]) await web.finish(id)
    await web.agent.delete(`/uploads/${request.upload_id}`).set('Authorization', web.bearer(ada)).expect(204)
    expect((await post('/tasks', key, request)).text).toBe(first.text)
    expect((await post('/tasks/batch', batchKey, { tasks: [request] })).text).toBe(firstBatch.text)
    expectProblem(createTask, await post('/tasks', randomUUID(), request), 'upload.not_found')
  })

  test('is refused with another body or for another operation', async () => {
    const key = randomUUID()
    expectReply(createTask, await post('/tasks', key, { url }), 202)
    const before = await count('tasks')
    expectProblem(createTask, await post('/tasks', key, { url: `${url}?2` }), 'idempotency.mismatch')
    expectProblem(createUpload, await post('/uploads', key, {}), 'idempotency.mismatch')
    expect(await count('tasks')).toBe(before)
  })

  test('of one user does not affect another', async () => {
    const eve = await web.signUp()
    const key = randomUUID()
    const mine = expectReply(createTask, await post('/tasks', key, { url }), 202)
    const theirs = expectReply(createTask, await post('/tasks', key, { url: `${url}?2` }, eve), 202)
    expect(theirs.id).not.toBe(mine.id)
  })

  test('of a refused request can be used again', async () => {
    const key = randomUUID()
    expectProblem(createTask, await post('/tasks', key, { upload_id: randomUUID() }), 'upload.not_found')
    expectReply(createTask, await post('/tasks', key, { url }), 202)
  })

  test('returns the same upload again', async () => {
    const key = randomUUID()
    const [first, again] = [await post('/uploads', key, {}), await post('/uploads', key, {})]
    expectReply(createUpload, again, 201)
    expect(again.text).toBe(first.text)
  })

  test('of a form covers its file, and a repeat stores no second file', async () => {
    const key = randomUUID()
    const first = await form(key, 'bytes')
    expectReply(createTask, first, 202)
    const uploads = await count('uploads')
    const again = await form(key, 'bytes')
    expectReply(createTask, again, 202)
    expect(again.text).toBe(first.text)
    expect(await count('uploads')).toBe(uploads)
    expectProblem(createTask, await form(key, 'other'), 'idempotency.mismatch')
    expect(await count('uploads')).toBe(uploads)
  })

  test('has 1 to 200 characters', async () => {
    for (const key of ['', 'x'.repeat(201)]) {
      expectFieldErrors(createTask, await post('/tasks', key, { url }), ['idempotency-key'])
    }
  })
})
