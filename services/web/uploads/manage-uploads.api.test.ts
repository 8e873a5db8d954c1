import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { request } from 'node:http'
import { json } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { operations } from '#shared/contract/operations.ts'
import { uploadKey } from '#shared/uploads/upload-repository.ts'
import { eventually } from '#test/e2e/processes.ts'
import { expectProblem, expectReply } from '#test/expect-reply.ts'
import { openTestWeb, type TestUser, type TestWeb } from '#test/web-app.ts'

const { listUploads, getUpload, deleteUpload, putUpload } = operations

let web: TestWeb
let ada: TestUser
let eve: TestUser
beforeAll(async () => {
  web = await openTestWeb()
  eve = await web.signUp()
})
beforeEach(async () => {
  ada = await web.signUp()
})
afterEach(() => expect(web.log.takeErrors()).toEqual([]))
afterAll(() => web.close())

const call = (method: 'get' | 'delete', path: string, user = ada) =>
  web.agent[method](path).set('Authorization', web.bearer(user))
const create = async () =>
  (await web.agent.post('/uploads').set('Authorization', web.bearer(ada)).send({}).expect(201)).body
const hasFile = async (id: string) => (await web.storage.stat(uploadKey(ada.id, id))) !== undefined

describe('the list of uploads', () => {
  test('shows what has arrived and what has not, newest first, page by page', async () => {
    const first = await web.createUpload(ada, 'four')
    const { upload_id: second } = await create()
    await web.agent
      .post('/tasks')
      .set('Authorization', web.bearer(ada))
      .attach('file', Buffer.from('a form'), { filename: 'form.mp4', contentType: 'video/mp4' })
      .expect(202)
    const page = expectReply(listUploads, await call('get', '/uploads?max=2'), 200)
    expect(page.uploads).toMatchObject([
      { filename: 'form.mp4', content_type: 'video/mp4', bytes: 6 },
      { upload_id: second, bytes: null },
    ])
    const next = expectReply(listUploads, await call('get', `/uploads?max=2&page=${page.next_page}`), 200)
    expect(next).toMatchObject({ uploads: [{ upload_id: first, bytes: 4 }], next_page: null })
    const oldest = expectReply(listUploads, await call('get', '/uploads?order=0&max=1'), 200)
    expect(oldest.uploads).toMatchObject([{ upload_id: first }])
    expect(expectReply(listUploads, await call('get', '/uploads', eve), 200).uploads).toEqual([])
  })

  test('knows of bytes that did not come through web', async () => {
    const { upload_id: id } = await create()
    const { upload_id: other } = await create()
    const { Readable } = await import('node:stream')
    for (const each of [id, other]) {
      await web.storage.create(uploadKey(ada.id, each), Readable.from([Buffer.from('bytes')]), {
        contentType: 'video/mp4',
      })
    }
    expect(expectReply(getUpload, await call('get', `/uploads/${id}`), 200).bytes).toBe(5)
    const { uploads } = expectReply(listUploads, await call('get', '/uploads'), 200)
    expect(uploads.map(({ bytes }) => bytes)).toEqual([5, 5])
  })
})

describe('an upload', () => {
  test('that is deleted is gone, with its file', async () => {
    const id = await web.createUpload(ada)
    expect(await hasFile(id)).toBe(true)
    expectReply(deleteUpload, await call('delete', `/uploads/${id}`), 204)
    expect(await hasFile(id)).toBe(false)
    expectProblem(getUpload, await call('get', `/uploads/${id}`), 'upload.not_found')
    expectProblem(deleteUpload, await call('delete', `/uploads/${id}`), 'upload.not_found')
  })

  test('cannot be deleted while an unfinished task needs it', async () => {
    const id = await web.createUpload(ada)
    const { id: task } = await web.createTask(ada, { upload_id: id })
    expectProblem(deleteUpload, await call('delete', `/uploads/${id}`), 'upload.in_use')
    expect(await hasFile(id)).toBe(true)
    await call('delete', `/tasks/${task}`).expect(200)
    expectReply(deleteUpload, await call('delete', `/uploads/${id}`), 204)
  })

  test('that was deleted before its bytes were sent accepts none', async () => {
    const { upload_id: id, url } = await create()
    expectReply(deleteUpload, await call('delete', `/uploads/${id}`), 204)
    const reply = await web.agent.put(web.pathOf(url)).send(Buffer.from('bytes'))
    expectProblem(putUpload, reply, 'upload.link_invalid')
    expect(await hasFile(id)).toBe(false)
    // With Cloud Storage the session may still be in use; the sweep removes what it creates.
    const orphans = await web.database.query<{ prefix: string }>(
      "SELECT prefix FROM orphaned_objects WHERE clean_after > now() + interval '7 days'",
    )
    expect(orphans).toEqual([{ prefix: uploadKey(ada.id, id) }])
  })

  test('that is deleted while its bytes arrive leaves no file', async () => {
    const { upload_id: id, url } = await create()
    const sending = request(web.url + web.pathOf(url), { method: 'PUT', headers: { 'Content-Length': 10 } })
    sending.write('12345')
    await eventually('the first bytes were admitted', 5_000, async () => {
      const admitted = 'SELECT FROM uploads WHERE id = $1 AND bytes IS NOT NULL'
      return (await web.database.query(admitted, [id])).length > 0
    })
    expectReply(deleteUpload, await call('delete', `/uploads/${id}`), 204)
    const replied = once(sending, 'response')
    sending.end('67890')
    const [reply] = await replied
    expect(reply.statusCode).toBe(403)
    expect(await json(reply)).toMatchObject({ code: 'upload.link_invalid' })
    expect(await hasFile(id)).toBe(false)
  })

  test('of another user is as unknown as one that does not exist', async () => {
    const id = await web.createUpload(ada)
    for (const unknown of [id, randomUUID(), 'no-id']) {
      const replies = [
        await call('get', `/uploads/${unknown}`, eve),
        await call('delete', `/uploads/${unknown}`, eve),
      ]
      expectProblem(getUpload, replies[0] as never, 'upload.not_found')
      expectProblem(deleteUpload, replies[1] as never, 'upload.not_found')
    }
    expect(await hasFile(id)).toBe(true)
  })
})
