import { once } from 'node:events'
import { request } from 'node:http'
import { json } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { operations } from '#shared/contract/operations.ts'
import { UPLOAD_CHUNK_MULTIPLE } from '#shared/storage/content-range.ts'
import { expectProblem, expectReply } from '#test/expect-reply.ts'
import { openTestWeb, type TestUser, type TestWeb } from '#test/web-app.ts'

const { createUpload, putUpload, createTask } = operations

let web: TestWeb
let ada: TestUser
let freeBytes: number
beforeAll(async () => {
  web = await openTestWeb({
    env: {
      UPLOADS_MAX_OPEN: '3',
      UPLOADS_MAX_STORED: '8',
      UPLOADS_MAX_STORED_BYTES: '1000',
      UPLOADS_PER_MINUTE: '20',
      STORAGE_MIN_FREE_BYTES: '1000',
      TASKS_MAX_UNFINISHED: '1',
    },
  })
})
beforeEach(async () => {
  ada = await web.signUp()
  freeBytes = 1e12
  jest.spyOn(web.storage, 'freeBytes').mockImplementation(async () => freeBytes)
})
afterEach(() => {
  jest.restoreAllMocks()
  web.log.takeErrors()
})
afterAll(() => web.close())

const ask = (headers = {}) =>
  web.agent.post('/uploads').set('Authorization', web.bearer(ada)).set(headers).send({})
const put = ({ url }: { url: string }, bytes: number) =>
  web.agent.put(web.pathOf(url)).send(Buffer.alloc(bytes))
const created = async () => expectReply(createUpload, await ask(), 201)
const remove = (id: string) =>
  web.agent.delete(`/uploads/${id}`).set('Authorization', web.bearer(ada)).expect(204)
const form = (bytes: number) =>
  web.agent
    .post('/tasks')
    .set('Authorization', web.bearer(ada))
    .attach('file', Buffer.alloc(bytes), { filename: 'a.mp4', contentType: 'video/mp4' })
const rows = async () => (await web.database.query('SELECT FROM uploads WHERE user_id = $1', [ada.id])).length

describe('uploads of one user', () => {
  test('are limited by their number while their bytes have not arrived', async () => {
    const uploads = [await created(), await created(), await created()]
    expectProblem(createUpload, await ask(), 'upload.quota_exceeded')
    expectReply(putUpload, await put(uploads[0] as never, 10), 201)
    await created()
    expectProblem(createUpload, await ask(), 'upload.quota_exceeded')
    await remove(uploads[1]?.upload_id ?? '')
    await created()
  })

  test('are limited by their number when many are asked for at once', async () => {
    const replies = await Promise.all(Array.from({ length: 10 }, () => ask()))
    expect(replies.filter(({ status }) => status === 201)).toHaveLength(3)
    expect(await rows()).toBe(3)
  })

  test('count when their bytes came without the knowledge of web', async () => {
    const uploads = [await created(), await created(), await created()]
    const { Readable } = await import('node:stream')
    for (const { upload_id } of uploads.slice(0, 2)) {
      await web.storage.create(`uploads/${ada.id}/${upload_id}`, Readable.from([Buffer.alloc(10)]), {
        contentType: 'video/mp4',
      })
    }
    // The first refusal finds them.
    await created()
  })

  test('are limited by their bytes, before any of them is read', async () => {
    const [first, second] = [await created(), await created()]
    expectReply(putUpload, await put(first, 900), 201)
    expectProblem(putUpload, await put(second, 101), 'upload.quota_exceeded')
    expectReply(putUpload, await put(second, 100), 201)
    expectProblem(createUpload, await ask(), 'upload.quota_exceeded')
    await remove(first.upload_id)
    expectReply(putUpload, await put(await created(), 900), 201)
  })

  test('cannot exceed their bytes by being sent at once', async () => {
    const uploads = [await created(), await created(), await created()]
    const replies = await Promise.all(uploads.map((upload) => put(upload, 600)))
    expect(replies.map(({ status }) => status).sort()).toEqual([201, 403, 403])
  })

  test('are limited by their rate, and a repeat with the same key is none', async () => {
    const key = { 'Idempotency-Key': 'once' }
    const first = await ask(key)
    const replies = []
    for (let i = 0; i < 20; i++) replies.push(await ask(key))
    expect(replies[18]?.body).toEqual(first.body)
    expect(replies[18]?.headers['ratelimit-policy']).toBe('"uploads";q=20;w=60')
    expectProblem(createUpload, replies[19] as never, 'request.rate_limited')
  })
})

describe('a form', () => {
  test('counts for the quotas, and leaves nothing when it is refused', async () => {
    const task = expectReply(createTask, await form(500), 202)
    expect(task.recipe.sources).toHaveLength(1)
    await web.agent.delete(`/tasks/${task.id}`).set('Authorization', web.bearer(ada)).expect(200)
    expectProblem(createTask, await form(600), 'upload.quota_exceeded')
    expect(await rows()).toBe(1)
  })

  test('beyond the quota of tasks is refused before its file is sent', async () => {
    await web.createTask(ada)
    const sending = request(`${web.url}/tasks`, {
      method: 'POST',
      headers: {
        Authorization: web.bearer(ada),
        'Content-Type': 'multipart/form-data; boundary=edge',
        'Content-Length': 800,
      },
    })
    sending.on('error', () => {})
    sending.flushHeaders()
    const [reply] = await once(sending, 'response')
    expect(await json(reply)).toMatchObject({ status: 429, code: 'request.rate_limited' })
    sending.destroy()
    expect(await rows()).toBe(0)
  })
})

test('a chunk needs space for itself and what follows, not for what is stored already', async () => {
  const bytes = 2 * UPLOAD_CHUNK_MULTIPLE
  const big = await openTestWeb({ env: { STORAGE_MIN_FREE_BYTES: '1000' } })
  try {
    const user = await big.signUp()
    const upload = expectReply(
      createUpload,
      await big.agent.post('/uploads').set('Authorization', big.bearer(user)).send({}),
      201,
    )
    let free = 1000 + bytes
    jest.spyOn(big.storage, 'freeBytes').mockImplementation(async () => free)
    const chunk = (start: number) =>
      big.agent
        .put(big.pathOf(upload.url))
        .set('Content-Range', `bytes ${start}-${start + UPLOAD_CHUNK_MULTIPLE - 1}/${bytes}`)
        .send(Buffer.alloc(UPLOAD_CHUNK_MULTIPLE))
    expectReply(putUpload, await chunk(0), 308)
    free -= UPLOAD_CHUNK_MULTIPLE
    expectReply(putUpload, await chunk(UPLOAD_CHUNK_MULTIPLE), 201)
  } finally {
    await big.close()
  }
})

test('nothing is accepted below the floor of free space', async () => {
  const upload = await created()
  freeBytes = 1_099
  expectProblem(putUpload, await put(upload, 100), 'storage.full')
  expectProblem(createTask, await form(10), 'storage.full')
  expectReply(putUpload, await put(upload, 99), 201)
  freeBytes = 999
  const refusal = await ask()
  expectProblem(createUpload, refusal, 'storage.full')
  expect(refusal.headers['retry-after']).toBe('60')
})
