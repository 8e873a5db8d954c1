import type { Readable } from 'node:stream'
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { operations } from '#shared/contract/operations.ts'
import { expectProblem, expectReply } from '#test/expect-reply.ts'
import { openTestWeb, type TestUser, type TestWeb } from '#test/web-app.ts'

const { getTask, getOutput } = operations

let web: TestWeb
let ada: TestUser
beforeAll(async () => {
  web = await openTestWeb()
  ada = await web.signUp()
})
afterEach(() => expect(web.log.takeErrors()).toEqual([]))
afterAll(() => web.close())

const as = () => ({ Authorization: web.bearer(ada) })
const get = (id: string) => web.agent.get(`/tasks/${id}`).set(as())

describe('an output', () => {
  const text = '0123456789'
  const read = (id: string, name = 'clip-1.mp4') =>
    web.agent
      .get(`/tasks/${id}/outputs/${encodeURIComponent(name)}`)
      .set(as())
      .buffer(true)
      .parse((res, done) => {
        let received = ''
        res.on('data', (chunk) => {
          received += chunk
        })
        res.on('end', () => done(null, received))
      })
  async function finishedTask(files: Record<string, string> = { 'clip-1.mp4': text }) {
    const { id } = await web.createTask(ada)
    await web.finish(id, files)
    return id
  }

  test('can be downloaded from the URL in its task', async () => {
    const id = await finishedTask()
    const { outputs } = expectReply(getTask, await get(id), 200)
    expect(outputs).toEqual([
      {
        name: 'clip-1.mp4',
        content_type: 'video/mp4',
        bytes: 10,
        url: `${web.config.publicUrl}/tasks/${id}/outputs/clip-1.mp4`,
      },
    ])
    const reply = await web.agent.get(web.pathOf(outputs[0]?.url ?? '')).set(as())
    expect({ status: reply.status, bytes: String(reply.body) }).toEqual({ status: 200, bytes: text })
    expect(reply.headers).toMatchObject({
      'content-type': 'video/mp4',
      'content-length': '10',
      'accept-ranges': 'bytes',
      'cache-control': 'private, no-store',
      'content-disposition': 'attachment; filename=clip-1.mp4',
      'x-content-type-options': 'nosniff',
    })
  })

  test.each([
    ['bytes=2-4', '234', 'bytes 2-4/10'],
    ['bytes=7-', '789', 'bytes 7-9/10'],
    ['bytes=-3', '789', 'bytes 7-9/10'],
    ['bytes=-99999999', text, 'bytes 0-9/10'],
    ['bytes=0-0', '0', 'bytes 0-0/10'],
    ['bytes=8-99', '89', 'bytes 8-9/10'],
  ])('is sent partially for the range %s', async (range, bytes, contentRange) => {
    const reply = await read(await finishedTask()).set('Range', range)
    expect({ status: reply.status, bytes: reply.body }).toEqual({ status: 206, bytes })
    expect(reply.headers['content-range']).toBe(contentRange)
    expect(reply.headers['content-length']).toBe(String(bytes.length))
  })

  test.each(['bytes=0-1,4-5', 'bytes=x', 'seconds=1-2'])('is sent whole for the range %s', async (range) => {
    const reply = await read(await finishedTask()).set('Range', range)
    expect({ status: reply.status, bytes: reply.body }).toEqual({ status: 200, bytes: text })
  })

  test('refuses a range beyond its end and replies with its size', async () => {
    const id = await finishedTask()
    const reply = await web.agent.get(`/tasks/${id}/outputs/clip-1.mp4`).set(as()).set('Range', 'bytes=10-')
    expectProblem(getOutput, reply, 'request.range_not_satisfiable')
    expect(reply.headers['content-range']).toBe('bytes */10')
  })

  test('replies to HEAD with its size', async () => {
    const id = await finishedTask()
    const reply = await web.agent.head(`/tasks/${id}/outputs/clip-1.mp4`).set(as())
    expect(reply.status).toBe(200)
    expect(reply.headers).toMatchObject({ 'content-length': '10', 'content-type': 'video/mp4' })
    expect(reply.text).toBeUndefined()
  })

  test('can be empty', async () => {
    const reply = await read(await finishedTask({ 'a.mp4': '' }), 'a.mp4')
    expect({ status: reply.status, bytes: reply.body }).toEqual({ status: 200, bytes: '' })
  })

  test('is closed when the client disconnects', async () => {
    const id = await finishedTask({ 'a.mp4': 'x'.repeat(8_000_000) })
    const read = jest.spyOn(web.storage, 'read')
    const leaving = new AbortController()
    const options = { headers: as(), signal: leaving.signal }
    const reply = await fetch(`${web.url}/tasks/${id}/outputs/a.mp4`, options)
    await reply.body?.getReader().read()
    const file = await (read.mock.results[0]?.value as Promise<Readable>)
    read.mockRestore()
    leaving.abort()
    if (!file.closed) await new Promise((resolve) => file.once('close', resolve))
    expect(file.readableEnded).toBe(false)
  })

  test('that does not exist is not found', async () => {
    const id = await finishedTask()
    for (const name of ['other.mp4', '../a.mp4', '..%2f..%2fpasswd', '%00']) {
      const reply = await web.agent.get(`/tasks/${id}/outputs/${encodeURIComponent(name)}`).set(as())
      expectProblem(getOutput, reply, 'output.not_found')
    }
  })

  test('whose file is missing gets a problem without the headers of the file', async () => {
    const { id } = await web.createTask(ada)
    const [output] = await web.finish(id, { 'a.mp4': text })
    await web.storage.remove(output?.key ?? '')
    const reply = await web.agent.get(`/tasks/${id}/outputs/a.mp4`).set(as()).set('Range', 'bytes=0-1')
    expectProblem(getOutput, reply, 'storage.not_found')
    expect(reply.headers).not.toHaveProperty('content-range')
    expect(reply.headers).not.toHaveProperty('content-disposition')
  })
})
