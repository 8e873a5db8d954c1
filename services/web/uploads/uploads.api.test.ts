import { randomBytes } from 'node:crypto'
import { request } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { operations } from '#shared/contract/operations.ts'
import { UPLOAD_CHUNK_MULTIPLE } from '#shared/storage/content-range.ts'
import { signUploadLink } from '#shared/storage/upload-link.ts'
import { eventually } from '#test/e2e/processes.ts'
import { expectFieldErrors, expectProblem, expectReply } from '#test/expect-reply.ts'
import { openTestWeb, type TestUser, type TestWeb } from '#test/web-app.ts'

const { createUpload, putUpload } = operations
const MAX_BYTES = 4 * UPLOAD_CHUNK_MULTIPLE

let web: TestWeb
let ada: TestUser
beforeAll(async () => {
  web = await openTestWeb({ env: { UPLOAD_MAX_BYTES: String(MAX_BYTES) } })
  ada = await web.signUp()
})
afterEach(() => expect(web.log.takeErrors()).toEqual([]))
afterAll(() => web.close())

const ask = (body: object = {}) => web.agent.post('/uploads').set('Authorization', web.bearer(ada)).send(body)
const keyOf = (uploadId: string) => `uploads/${ada.id}/${uploadId}`

async function newUpload() {
  const upload = expectReply(createUpload, await ask({ filename: 'a.mp4', content_type: 'video/mp4' }), 201)
  const path = web.pathOf(upload.url)
  const put = (bytes: Buffer, range?: string) => {
    const request = web.agent.put(path).set(upload.headers)
    return (range ? request.set('Content-Range', range) : request)
      .serialize((sent) => sent as string)
      .send(bytes)
  }
  return { ...upload, path, put, stored: async () => buffer(await web.storage.read(keyOf(upload.upload_id))) }
}

describe('an upload', () => {
  test('has a URL, headers, a size limit and an expiry', async () => {
    const upload = await newUpload()
    expect(upload).toMatchObject({ method: 'PUT', max_bytes: MAX_BYTES })
    expect(upload.headers).toEqual({ 'content-type': 'video/mp4' })
    const hour = Date.parse(upload.expires_at) - Date.now()
    expect(hour).toBeGreaterThan(3_500_000)
    expect(hour).toBeLessThanOrEqual(3_600_000)
  })

  test('is refused with wrong fields, each by name', async () => {
    const reply = await ask({ filename: '', content_type: 'video', size: 5 })
    expectFieldErrors(createUpload, reply, ['filename', 'content_type', 'size'])
  })

  test('accepts its content once, and a task can use it', async () => {
    const upload = await newUpload()
    const bytes = randomBytes(100_000)
    expectReply(putUpload, await upload.put(bytes), 201)
    // Jest takes seconds to compare long buffers by itself.
    expect(bytes.equals(await upload.stored())).toBe(true)
    expect(await web.storage.stat(keyOf(upload.upload_id))).toMatchObject({ contentType: 'video/mp4' })
    await web.createTask(ada, { upload_id: upload.upload_id })
    expectProblem(putUpload, await upload.put(bytes), 'upload.conflict')
  })

  test('accepts its content in chunks and reports how much it has', async () => {
    const upload = await newUpload()
    const bytes = randomBytes(2 * UPLOAD_CHUNK_MULTIPLE + 5)
    const chunk = (start: number, end: number) =>
      upload.put(bytes.subarray(start, end + 1), `bytes ${start}-${end}/${bytes.length}`)

    const first = await chunk(0, UPLOAD_CHUNK_MULTIPLE - 1)
    expectReply(putUpload, first, 308)
    expect(first.headers.range).toBe(`bytes=0-${UPLOAD_CHUNK_MULTIPLE - 1}`)
    const question = await upload.put(Buffer.alloc(0), `bytes */${bytes.length}`)
    expectReply(putUpload, question, 308)
    expect(question.headers.range).toBe(first.headers.range)
    expectProblem(putUpload, await chunk(2 * UPLOAD_CHUNK_MULTIPLE, bytes.length - 1), 'request.malformed')
    // Sent again after a lost reply, a chunk changes nothing.
    expectReply(putUpload, await chunk(0, UPLOAD_CHUNK_MULTIPLE - 1), 308)
    expectReply(putUpload, await chunk(UPLOAD_CHUNK_MULTIPLE, 2 * UPLOAD_CHUNK_MULTIPLE - 1), 308)
    expectReply(putUpload, await chunk(2 * UPLOAD_CHUNK_MULTIPLE, bytes.length - 1), 201)
    expect(bytes.equals(await upload.stored())).toBe(true)
    expectReply(putUpload, await upload.put(Buffer.alloc(0), `bytes */${bytes.length}`), 201)
  }, 20_000)

  test('can be resumed after a broken connection', async () => {
    const upload = await newUpload()
    const bytes = randomBytes(100_000)
    const sending = request(web.url + upload.path, {
      method: 'PUT',
      headers: { 'Content-Range': `bytes 0-${bytes.length - 1}/${bytes.length}` },
    })
    sending.on('error', () => {})
    sending.write(bytes.subarray(0, 40_000))
    // A status check that came first would refuse it.
    await eventually('the first request was admitted', 4_000, async () => {
      const query = 'SELECT FROM uploads WHERE id = $1 AND bytes IS NOT NULL'
      return (await web.database.query(query, [upload.upload_id])).length > 0
    })
    let next: number | undefined
    // The first request locks the upload until the disconnect is noticed.
    while (next === undefined) {
      const reply = await upload.put(Buffer.alloc(0), `bytes */${bytes.length}`)
      if (reply.status === 429) sending.destroy()
      else expectReply(putUpload, reply, 308)
      if (reply.status === 308 && sending.destroyed)
        next = 1 + Number(reply.headers.range?.split('-')[1] ?? -1)
    }
    expect(next).toBeLessThanOrEqual(40_000)
    const rest = `bytes ${next}-${bytes.length - 1}/${bytes.length}`
    expectReply(putUpload, await upload.put(bytes.subarray(next), rest), 201)
    expect(bytes.equals(await upload.stored())).toBe(true)
  })

  test('without any content reports no range', async () => {
    const upload = await newUpload()
    const reply = await upload.put(Buffer.alloc(0), 'bytes */1000')
    expectReply(putUpload, reply, 308)
    expect(reply.headers).not.toHaveProperty('range')
  })

  test('refuses more than its size limit', async () => {
    const upload = await newUpload()
    expectProblem(putUpload, await upload.put(Buffer.alloc(MAX_BYTES + 1)), 'request.too_large')
    const chunk = await upload.put(
      Buffer.alloc(UPLOAD_CHUNK_MULTIPLE),
      `bytes 0-${UPLOAD_CHUNK_MULTIPLE - 1}/${MAX_BYTES + 1}`,
    )
    expectProblem(putUpload, chunk, 'request.too_large')
    expect(await web.storage.stat(keyOf(upload.upload_id))).toBeUndefined()
  })

  test.each(['bytes 0-9', 'bytes 9-0/10', 'bytes 0-9/5', 'bytes 0-99/100', 'items 0-9/10', 'bytes=0-9/10'])(
    'refuses the Content-Range %s',
    async (range) => {
      expectProblem(putUpload, await (await newUpload()).put(Buffer.alloc(10), range), 'request.malformed')
    },
  )
})

describe('an upload URL', () => {
  const put = (path: string) => web.agent.put(path).send(Buffer.from('x'))
  const sign = (uploadId: string, more: object = {}) =>
    signUploadLink(
      {
        key: keyOf(uploadId),
        maxBytes: 10,
        contentType: 'video/mp4',
        expiresAt: new Date(Date.now() + 60_000),
        ...more,
      },
      web.config.storage.signingSecret,
    )

  test('signed as in the tests below is accepted', async () => {
    const { upload_id } = await newUpload()
    expectReply(putUpload, await put(sign(upload_id)), 201)
  })

  test('that has expired is refused', async () => {
    const path = sign('00000000-0000-4000-8000-000000000002', { expiresAt: new Date(Date.now() - 1_000) })
    expectProblem(putUpload, await put(path), 'upload.link_invalid')
  })

  test('that was changed or not signed is refused', async () => {
    const { path, upload_id } = await newUpload()
    const link = new URL(path, web.url)
    const changed = (name: string, value: string) => {
      const other = new URL(link)
      other.searchParams.set(name, value)
      return other.pathname + other.search
    }
    for (const forged of [
      changed('max', '999999999'),
      changed('expires', '9999999999'),
      changed('type', 'text/html'),
      changed('signature', ''),
      changed('signature', 'AAAA'),
      link.pathname,
      `${path}&max=1`,
      path.replace(upload_id, '00000000-0000-4000-8000-000000000000'),
      path.replace(upload_id, '../../../etc/passwd'),
      path.replace(upload_id, '%2e%2e%2f%2e%2e%2fpasswd'),
      path.replace(upload_id, `${upload_id}%00`),
      `/uploads/content/..%2f..%2fetc%2fpasswd?${link.searchParams}`,
    ]) {
      const reply = await put(forged)
      // Paths with dots are normalized before they are sent and match no route.
      if (reply.status === 404) expectProblem(undefined, reply, 'route.not_found')
      else expectProblem(putUpload, reply, 'upload.link_invalid')
    }
  })
})
