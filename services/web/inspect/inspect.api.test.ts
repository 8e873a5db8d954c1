import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import type { InspectRequest } from '#shared/contract/inspect/inspection.ts'
import { operations } from '#shared/contract/operations.ts'
import { eventually } from '#test/e2e/processes.ts'
import { expectFieldErrors, expectProblem, expectReply } from '#test/expect-reply.ts'
import { openTestWeb, type TestUser, type TestWeb } from '#test/web-app.ts'

const { getUploadWaveform, getUploadKeyFrames, getSourceWaveform, getSourceKeyFrames } = operations

const common = { duration: 2, covered_seconds: 2, complete: true }
const WAVEFORM = { ...common, peaks_per_second: 50, peaks: [0, 128, 255] }
const KEY_FRAMES = { ...common, times: [0, 1.5] }

let batch: Server
/** What batch was asked, and its reply. */
let requests: InspectRequest[]
let reply: (request: InspectRequest) => { status: number; body: object }
/** Its replies wait for this. */
let gate: Promise<void> | undefined
/** How many of the requests to it have been closed. */
let closed: number
let web: TestWeb
let ada: TestUser
beforeAll(async () => {
  batch = createServer(async (req, res) => {
    const chunks: Buffer[] = []
    for await (const chunk of req) chunks.push(chunk)
    const request = JSON.parse(Buffer.concat(chunks).toString())
    requests.push(request)
    res.once('close', () => {
      closed += 1
    })
    await gate
    const { status, body } = reply(request)
    res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  batch.listen(0, '127.0.0.1')
  await once(batch, 'listening')
  web = await openTestWeb({ env: { BATCH_URL: `http://127.0.0.1:${(batch.address() as AddressInfo).port}` } })
})
beforeEach(async () => {
  requests = []
  gate = undefined
  closed = 0
  reply = ({ what }) => ({ status: 200, body: what === 'waveform' ? WAVEFORM : KEY_FRAMES })
  ada = await web.signUp()
})
afterEach(() => expect(web.log.takeErrors()).toEqual([]))
afterAll(async () => {
  await web.close()
  batch.closeAllConnections()
  batch.close()
})

const get = (path: string, user = ada) => web.agent.get(path).set('Authorization', web.bearer(user))

describe('of an upload', () => {
  test('are read once, and kept', async () => {
    const id = await web.createUpload(ada)
    for (let i = 0; i < 2; i++) {
      expect(expectReply(getUploadWaveform, await get(`/uploads/${id}/waveform`), 200)).toEqual(WAVEFORM)
      expect(expectReply(getUploadKeyFrames, await get(`/uploads/${id}/key-frames`), 200)).toEqual(KEY_FRAMES)
    }
    expect(requests).toMatchObject([
      { user_id: ada.id, what: 'waveform', recipe: { sources: [{ upload_id: id }] } },
      { user_id: ada.id, what: 'key_frames' },
    ])
  })

  test('are read again when they were not complete', async () => {
    const id = await web.createUpload(ada)
    reply = () => ({ status: 200, body: { ...WAVEFORM, complete: false } })
    for (let i = 0; i < 2; i++) await get(`/uploads/${id}/waveform`).expect(200)
    expect(requests).toHaveLength(2)
  })

  test('are removed with it', async () => {
    const id = await web.createUpload(ada)
    await get(`/uploads/${id}/waveform`).expect(200)
    await web.agent.delete(`/uploads/${id}`).set('Authorization', web.bearer(ada)).expect(204)
    expectProblem(getUploadWaveform, await get(`/uploads/${id}/waveform`), 'upload.not_found')
    const [orphaned] = await web.database.query<{ prefix: string }>(
      'SELECT prefix FROM orphaned_objects WHERE prefix LIKE $1',
      [`%${id}`],
    )
    const left: string[] = []
    for await (const { key } of web.storage.list(orphaned?.prefix ?? '')) left.push(key)
    expect(left).toEqual([`${orphaned?.prefix}.waveform.json`])
  })

  test('end in batch when their client disconnects', async () => {
    const id = await web.createUpload(ada)
    const { promise, resolve } = Promise.withResolvers<void>()
    gate = promise
    const left = new AbortController()
    const abandoned = fetch(`${web.url}/uploads/${id}/waveform`, {
      headers: { Authorization: web.bearer(ada) },
      signal: left.signal,
    })
    await eventually('batch receives the request', 5_000, async () => requests.length === 1)
    left.abort()
    await expect(abandoned).rejects.toThrow()
    await eventually('the request to batch has ended', 5_000, async () => closed === 1)
    resolve()
  })

  test('are found by an id in upper case, as tasks and uploads are', async () => {
    const id = await web.createUpload(ada)
    await get(`/uploads/${id.toUpperCase()}/waveform`).expect(200)
    await get(`/uploads/${id}/waveform`).expect(200)
    expect(requests).toHaveLength(1)
    const body = { upload_id: id.toUpperCase() }
    const task = await web.agent.post('/tasks').set('Authorization', web.bearer(ada)).send(body)
    expect(expectReply(operations.createTask, task, 202).recipe.sources).toMatchObject([{ upload_id: id }])
  })

  test('need its bytes', async () => {
    const { body } = await web.agent.post('/uploads').set('Authorization', web.bearer(ada)).send({})
    expectProblem(getUploadWaveform, await get(`/uploads/${body.upload_id}/waveform`), 'upload.missing')
  })

  test('that is not media are refused with the code of batch', async () => {
    const id = await web.createUpload(ada)
    const problem = { type: 'about:blank', title: '', status: 422, code: 'media.unreadable', detail: 'no' }
    reply = () => ({ status: 422, body: { ...problem, request_id: 'r' } })
    expectProblem(getUploadKeyFrames, await get(`/uploads/${id}/key-frames`), 'media.unreadable')
  })

  test('are unavailable while batch is', async () => {
    const id = await web.createUpload(ada)
    reply = () => ({ status: 500, body: {} })
    expectProblem(getUploadWaveform, await get(`/uploads/${id}/waveform`), 'inspection.unavailable')
    web.log.takeErrors()
  })
})

describe('of a source of a task', () => {
  test('are those of its upload, or of its URL', async () => {
    const upload = await web.createUpload(ada)
    const { id } = await web.createTask(ada, {
      sources: [{ url: 'https://example.com/a.mp4', trim: { duration: 1 } }, { upload_id: upload }],
    })
    for (let i = 0; i < 2; i++) {
      expectReply(getSourceWaveform, await get(`/tasks/${id}/sources/0/waveform`), 200)
      expectReply(getSourceKeyFrames, await get(`/tasks/${id}/sources/1/key-frames`), 200)
    }
    await get(`/uploads/${upload}/key-frames`).expect(200)
    expect(requests.map(({ recipe }) => recipe.sources)).toEqual([
      [{ url: 'https://example.com/a.mp4' }],
      [{ upload_id: upload }],
    ])
  })

  test('need a source with this number, and none of its own headers', async () => {
    const { id } = await web.createTask(ada, {
      sources: [{ url: 'https://example.com/a.mp4', headers: { Authorization: 'Bearer x' } }],
    })
    expectFieldErrors(getSourceWaveform, await get(`/tasks/${id}/sources/1/waveform`), ['index'])
    expectFieldErrors(getSourceWaveform, await get(`/tasks/${id}/sources/x/waveform`), ['index'])
    expectProblem(getSourceWaveform, await get(`/tasks/${id}/sources/0/waveform`), 'source.denied')
    expect(requests).toEqual([])
  })
})
