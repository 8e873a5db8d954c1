import { execFileSync } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer, text } from 'node:stream/consumers'
import { afterEach, expect, test } from '@jest/globals'
import { createClient } from './client.ts'
import { CHUNK_BYTES } from './uploads/chunks.ts'

type Handler = (request: IncomingMessage, response: ServerResponse) => unknown

let server: Server | undefined
afterEach(() => {
  server?.closeAllConnections()
  server?.close()
})

/** A service that answers the nth request with the nth handler, and the client of it. */
async function serve(...handlers: Handler[]) {
  const requests: { line: string; key: string | undefined }[] = []
  server = createServer((request, response) => {
    const { method, url, headers } = request
    requests.push({ line: `${method} ${url}`, key: headers['idempotency-key'] as string | undefined })
    const handler = handlers[requests.length - 1] ?? reply(500, {})
    handler(request, response)
  })
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { baseUrl, client: createClient({ baseUrl, apiKey: 'ck_test', attempts: 3 }), requests }
}

const reply =
  (status: number, body: object, headers = {}): Handler =>
  (_, response) =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
const problem = (status: number, code: string, more = {}) => reply(status, { code, detail: 'No.', ...more })
const breakOff: Handler = ({ socket }) => socket.destroy()

test('a create whose reply was lost is repeated with the same key', async () => {
  const { client, requests } = await serve(breakOff, problem(503, 'service.busy'), reply(202, { id: '1' }))
  expect(await client.tasks.create({ url: 'https://example.com/a.mp4' })).toEqual({ id: '1' })
  expect(requests.map(({ line }) => line)).toEqual(['POST /tasks', 'POST /tasks', 'POST /tasks'])
  expect(requests[0]?.key).toBeTruthy()
  expect(new Set(requests.map(({ key }) => key)).size).toBe(1)
})

/** Ends the connection in the middle of a body. */
const cutOff: Handler = ({ socket }, response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': 1000 })
  response.write('{"id":', () => socket.destroy())
}

test('a reply that breaks off is asked for again, and a file begins anew', async () => {
  const { client, requests } = await serve(cutOff, reply(202, { id: '1' }), cutOff, reply(200, { id: '2' }))
  expect(await client.tasks.create({ url: 'https://example.com/a.mp4' })).toEqual({ id: '1' })
  expect(new Set(requests.map(({ key }) => key)).size).toBe(1)
  const folder = await mkdtemp(join(tmpdir(), 'cutroom-cut-'))
  await client.tasks.outputs.save('1', 'output.json', join(folder, 'output.json'))
  expect(await readFile(join(folder, 'output.json'), 'utf8')).toBe('{"id":"2"}')
  expect(await readdir(folder)).toEqual(['output.json'])
  await rm(folder, { recursive: true })
})

test('a connection that always breaks is an error that says what to do', async () => {
  const { client } = await serve(cutOff, cutOff, cutOff)
  const failing = client.tasks.get('1')
  await expect(failing).rejects.toMatchObject({ code: 'client.connection_failed', retryable: true })
  await expect(failing).rejects.toThrow('Check the address of the service')
})

test('what cannot be repeated safely is sent once when the connection breaks', async () => {
  const { client, requests } = await serve(breakOff, reply(200, {}))
  await expect(client.login({ email: 'ada@example.org', password: 'x' })).rejects.toMatchObject({
    code: 'client.connection_failed',
    retryable: true,
  })
  expect(requests).toHaveLength(1)
})

test('a delete whose reply was lost is not repeated, since it would delete the task that it has aborted', async () => {
  const bare503 = reply(503, {})
  const { client, requests } = await serve(
    breakOff,
    problem(500, 'service.internal'),
    bare503,
    problem(503, 'service.busy'),
    reply(200, { id: '1' }),
  )
  for (const count of [1, 2, 3]) {
    await expect(client.tasks.delete('1')).rejects.toMatchObject({
      code: expect.stringMatching(/failed|internal/),
    })
    expect(requests).toHaveLength(count)
  }
  // The service says itself that it has not begun.
  expect(await client.tasks.delete('1')).toEqual({ id: '1' })
})

test('an abort never deletes, and rejects with what the service says about the task', async () => {
  const refused = {
    id: '1',
    outcome: 'failed',
    error: { code: 'task.finished', message: 'It has finished.' },
  }
  const { client, requests } = await serve(
    reply(200, { results: [{ id: '1', outcome: 'aborted', error: null }] }),
    reply(200, { id: '1', status: 'aborted' }),
    reply(200, { results: [refused] }),
  )
  expect(await client.tasks.abort('1')).toEqual({ id: '1', status: 'aborted' })
  await expect(client.tasks.abort('1')).rejects.toMatchObject({ code: 'task.finished', status: 409 })
  expect(requests.map(({ line }) => line)).toEqual(['POST /tasks/bulk', 'GET /tasks/1', 'POST /tasks/bulk'])
})

test('an error that waiting does not help is reported at once, with its fields', async () => {
  const errors = [{ path: 'preset', message: 'unknown preset' }]
  const { client, requests } = await serve(
    problem(422, 'request.invalid', { errors, request_id: 'r1' }),
    reply(200, { info: { version: '99.1.0' } }),
  )
  const created = client.tasks.create({ url: 'https://example.com/a.mp4' })
  await expect(created).rejects.toMatchObject({
    code: 'request.invalid',
    errors,
    requestId: 'r1',
    status: 422,
  })
  await expect(created).rejects.toThrow('update the client with `npm install @cutroom/client@99.1.0`')
  expect(requests.map(({ line }) => line)).toEqual(['POST /tasks', 'GET /openapi.json'])
})

test('a reply that is not of Cutroom is reported with what to check', async () => {
  const { client } = await serve((_, response) => response.writeHead(200).end('<html>'))
  await expect(client.presets()).rejects.toMatchObject({ code: 'client.reply_unexpected' })
})

test('an aborted call rejects with the reason of its signal', async () => {
  const { client } = await serve(() => undefined)
  await expect(client.presets({ signal: AbortSignal.timeout(50) })).rejects.toThrow(
    expect.objectContaining({ name: 'TimeoutError' }),
  )
})

test('a key is never part of an error', async () => {
  const { client } = await serve(problem(401, 'auth.required'))
  await expect(client.presets()).rejects.not.toThrow('ck_test')
})

test('a key that no header can hold is refused without showing it', async () => {
  const { baseUrl } = await serve()
  const getting = createClient({ baseUrl, apiKey: 'ck_secret\n' }).tasks.get('1')
  await expect(getting).rejects.toMatchObject({ code: 'auth.required' })
  await expect(getting).rejects.not.toThrow('ck_secret')
})

test.each(['a Blob', 'a stream'])(
  '%s continues after a broken connection where its bytes end',
  async (kind) => {
    const bytes = Buffer.alloc(CHUNK_BYTES + 5, 'x')
    const total = kind === 'a Blob' ? String(bytes.length) : '*'
    const half = 1_000_000
    const received: string[] = []
    const take: (status: number, headers?: object) => Handler =
      (status, headers) => async (request, response) => {
        const body = await buffer(request)
        received.push(`${request.headers['content-range']} with ${body.length}`)
        response.writeHead(status, { ...headers }).end()
      }
    const { client, baseUrl } = await serve(
      async (request, response) => {
        await text(request)
        const target = { upload_id: 'u1', method: 'PUT', url: `${baseUrl}/bytes`, headers: {} }
        reply(201, target)(request, response)
      },
      breakOff,
      take(308, { range: `bytes=0-${half - 1}` }),
      take(201),
    )
    const sent: number[] = []
    async function* parts() {
      yield bytes.subarray(0, 3_000_000)
      yield bytes.subarray(3_000_000)
    }
    const file = kind === 'a Blob' ? new Blob([bytes]) : parts()
    const upload = client.upload(file, { onProgress: (progress) => sent.push(progress.sent) })
    expect(await upload).toMatchObject({ upload_id: 'u1' })
    expect(received).toEqual([
      `bytes */${total} with 0`,
      `bytes ${half}-${bytes.length - 1}/${bytes.length} with ${bytes.length - half}`,
    ])
    expect(sent.at(-1)).toBe(bytes.length)
  },
)

test('a named pipe is uploaded as a stream, and a folder is refused before anything is sent', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'cutroom-pipe-'))
  let received = ''
  const { client, baseUrl, requests } = await serve(
    (request, response) => {
      const target = { upload_id: 'u1', method: 'PUT', url: `${baseUrl}/bytes`, headers: {} }
      reply(201, target)(request, response)
    },
    async (request, response) => {
      received = await text(request)
      response.writeHead(201).end()
    },
  )
  await expect(client.upload(folder)).rejects.toMatchObject({
    code: 'client.input_invalid',
    detail: `${folder} is a folder.`,
  })
  expect(requests).toEqual([])
  const pipe = join(folder, 'talk.mp4')
  execFileSync('mkfifo', [pipe])
  await Promise.all([client.upload(pipe), writeFile(pipe, 'the bytes')])
  expect(received).toBe('the bytes')
  await rm(folder, { recursive: true })
})

test('a file that changes while it is sent is an error that waiting does not help', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'cutroom-changing-'))
  const path = join(folder, 'talk.mp4')
  await writeFile(path, 'the bytes')
  const { client, baseUrl, requests } = await serve(async (request, response) => {
    await writeFile(path, 'other bytes')
    const target = { upload_id: 'u1', method: 'PUT', url: `${baseUrl}/bytes`, headers: {} }
    reply(201, target)(request, response)
  })
  await expect(client.upload(path)).rejects.toMatchObject({
    code: 'client.input_invalid',
    detail: expect.stringContaining('the file has changed'),
  })
  expect(requests).toHaveLength(1)
  await rm(folder, { recursive: true })
})

test('a task is followed across streams that end before it does', async () => {
  const events =
    (...states: object[]): Handler =>
    (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      for (const state of states) response.write(`event: task\ndata: ${JSON.stringify(state)}\n\n`)
      response.end()
    }
  const { client, requests } = await serve(
    events({ status: 'running', progress: 10 }),
    breakOff,
    events({ status: 'running', progress: 50 }, { status: 'succeeded', progress: 100 }),
  )
  const seen: number[] = []
  const task = await client.tasks.wait('t1', { onProgress: ({ progress }) => seen.push(progress) })
  expect(task.status).toBe('succeeded')
  expect(seen).toEqual([10, 50, 100])
  expect(requests.map(({ line }) => line)).toEqual(Array(3).fill('GET /tasks/t1/events'))
})

test('a wait for which there is no stream, of the service or the account, asks for the task until it has finished', async () => {
  const { client, requests } = await serve(
    problem(503, 'service.busy'),
    reply(200, { status: 'running', progress: 10 }),
    problem(429, 'request.rate_limited'),
    reply(200, { status: 'succeeded', progress: 100 }),
  )
  const seen: number[] = []
  const task = await client.tasks.wait('t1', { onProgress: ({ progress }) => seen.push(progress) })
  expect(task.status).toBe('succeeded')
  expect(seen).toEqual([10, 100])
  const lines = ['GET /tasks/t1/events', 'GET /tasks/t1']
  expect(requests.map(({ line }) => line)).toEqual([...lines, ...lines])
})

test('waiting for a task that fails rejects with its error', async () => {
  const failed = { id: 't1', status: 'failed', error: { code: 'media.unreadable', message: 'No video.' } }
  const { client } = await serve((_, response) =>
    response.writeHead(200).end(`event: task\ndata: ${JSON.stringify(failed)}\n\n`),
  )
  await expect(client.tasks.wait('t1')).rejects.toMatchObject({ code: 'media.unreadable', task: failed })
})
