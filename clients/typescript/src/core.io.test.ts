import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import { afterEach, expect, test } from '@jest/globals'
import { build, type Rollup } from 'vite'
import { createCaller, createTask, followEvents, getTask, uploadSource } from './core.ts'
import { CHUNK_BYTES, chunksOfBlob } from './uploads/chunks.ts'

type Handler = (request: IncomingMessage, response: ServerResponse) => unknown
type Received = { line: string; token: string | undefined; key: unknown; range: string | undefined }

let server: Server | undefined
afterEach(() => {
  server?.closeAllConnections()
  server?.close()
})

/** A service that answers the nth request with the nth handler. */
async function serve(...handlers: Handler[]) {
  const received: Received[] = []
  server = createServer(async (request, response) => {
    const { method, url, headers } = request
    const handler = handlers[received.length] ?? reply(500, {})
    received.push({
      line: `${method} ${url}`,
      token: headers.authorization,
      key: headers['idempotency-key'],
      range: headers['content-range'],
    })
    if (handler !== breakOff) await buffer(request)
    handler(request, response)
  })
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { baseUrl, caller: createCaller({ baseUrl }), received }
}

const reply =
  (status: number, body: object | undefined, headers = {}): Handler =>
  (_, response) =>
    response.writeHead(status, headers).end(body && JSON.stringify(body))
const breakOff: Handler = ({ socket }) => socket.destroy()
/** Of a service whose public address this program cannot reach. */
const upload = (id: string) => ({
  upload_id: id,
  url: `https://cutroom.invalid/uploads/content/${id}?signature=1`,
  method: 'PUT' as const,
  headers: {},
  max_bytes: 1_000_000,
  expires_at: '2026-12-01T00:00:00Z',
})
const named = { filename: 'a.mp4', contentType: 'video/mp4' }
const refused = reply(401, { code: 'auth.required', detail: 'Log in.' })

test('a token that is refused is replaced once, and the request is sent again as it was', async () => {
  const { baseUrl, received } = await serve(refused, reply(202, { id: '1' }), refused, refused)
  const asked: (string | undefined)[] = []
  const caller = createCaller({
    baseUrl,
    token: (old) => {
      asked.push(old)
      return old ? 'new' : 'old'
    },
  })
  const body = { url: 'https://example.com/a.mp4' }
  expect(await caller.call(createTask, { body })).toEqual({ id: '1' })
  expect(received.map(({ token }) => token)).toEqual(['Bearer old', 'Bearer new'])
  expect(received[0]?.key).toBeTruthy()
  expect(received[1]?.key).toBe(received[0]?.key)
  expect(asked).toEqual([undefined, 'old'])
  await expect(caller.call(getTask, { path: { id: '1' } })).rejects.toMatchObject({
    name: 'ApiError',
    code: 'auth.required',
    status: 401,
    retryable: false,
  })
  expect(received).toHaveLength(4)
})

test('a token that is refused and cannot be replaced is not sent again', async () => {
  const { baseUrl, received } = await serve(refused)
  const caller = createCaller({ baseUrl, token: () => 'fixed' })
  await expect(caller.call(getTask, { path: { id: '1' } })).rejects.toMatchObject({ code: 'auth.required' })
  expect(received).toHaveLength(1)
})

test('an upload is paused by its signal, and resumed where its bytes end', async () => {
  const half = CHUNK_BYTES
  const { caller, received } = await serve(
    reply(201, upload('u1')),
    reply(308, undefined, { range: `bytes=0-${half - 1}` }),
    reply(308, undefined, { range: `bytes=0-${half - 1}` }),
    reply(201, undefined),
  )
  const source = chunksOfBlob(new Blob([Buffer.alloc(half + 10)]))
  const pause = new AbortController()
  let kept: string | undefined
  const paused = uploadSource(caller, source, {
    ...named,
    signal: pause.signal,
    onCreated: (created) => (kept = JSON.stringify(created)),
    onProgress: ({ sent }) => sent > 0 && pause.abort(),
  })
  await expect(paused).rejects.toMatchObject({ name: 'AbortError' })
  await uploadSource(caller, source, { ...named, resume: JSON.parse(kept ?? '') })
  expect(received.map(({ line, range }) => `${line} ${range ?? ''}`.trim())).toEqual([
    'POST /uploads',
    `PUT /uploads/content/u1?signature=1 bytes 0-${half - 1}/${half + 10}`,
    `PUT /uploads/content/u1?signature=1 bytes */${half + 10}`,
    `PUT /uploads/content/u1?signature=1 bytes ${half}-${half + 9}/${half + 10}`,
  ])
})

test.each([403, 404, 410])(
  'an upload that is resumed too late (%d) is sent to a new one, once',
  async (gone) => {
    const { caller, received } = await serve(
      reply(gone, undefined),
      reply(201, upload('u2')),
      reply(gone, { code: 'upload.quota_exceeded', detail: 'Full.' }),
    )
    const created: string[] = []
    const sending = uploadSource(caller, chunksOfBlob(new Blob(['abc'])), {
      ...named,
      resume: upload('u1'),
      onCreated: ({ upload_id }) => created.push(upload_id),
    })
    await expect(sending).rejects.toMatchObject({ code: 'upload.quota_exceeded' })
    expect(created).toEqual(['u1', 'u2'])
    expect(received.map(({ line }) => line.slice(0, 24))).toEqual([
      'PUT /uploads/content/u1?',
      'POST /uploads',
      'PUT /uploads/content/u2?',
    ])
  },
)

test.each([408, 429, 502])(
  'status %d without a description is tried again, as often as one says, and reported before each wait',
  async (status) => {
    const { caller, received } = await serve(reply(status, undefined), reply(status, undefined))
    const waits: [string, boolean][] = []
    const call = caller.call(
      getTask,
      { path: { id: '1' } },
      { attempts: 2, onRetry: ({ code }, delayMs) => waits.push([code, delayMs > 0]) },
    )
    await expect(call).rejects.toMatchObject({ code: 'client.connection_failed', status })
    expect(waits).toEqual([['client.connection_failed', true]])
    expect(received).toHaveLength(2)
  },
)

test('a stream reports when it delivers and when it breaks, and continues after its last event', async () => {
  const events =
    (...sequences: number[]): Handler =>
    (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write('event: open\nid: 6\ndata: {}\n\n')
      for (const sequence of sequences) {
        response.write(`id: ${sequence}\ndata: ${JSON.stringify({ sequence })}\n\n`)
      }
      response.end()
    }
  const { caller, received } = await serve(events(), events(7, 8))
  const reports: (boolean | number)[] = []
  for await (const { sequence } of followEvents(caller, { onLive: (isLive) => reports.push(isLive) })) {
    reports.push(sequence)
    if (sequence === 8) break
  }
  expect(reports).toEqual([true, false, true, true, 7, true, 8, false])
  expect(received.map(({ line }) => line)).toEqual(['GET /events', 'GET /events?after=6'])
})

test('a bundle contains what it calls: no other operation, no catalogue of errors, no module of Node', async () => {
  const entry = 'entry.js'
  const { output } = (await build({
    configFile: false,
    logLevel: 'silent',
    plugins: [
      {
        name: 'entry',
        resolveId: (id) => (id === entry ? entry : undefined),
        load: (id) =>
          id === entry
            ? `import { createCaller, getTask } from '${import.meta.dirname}/core.ts'
               export const task = (id) => createCaller({ baseUrl: location.origin }).call(getTask, { path: { id } })`
            : undefined,
      },
    ],
    build: { write: false, lib: { entry, formats: ['es'] }, rollupOptions: { input: entry } },
  }).then((built) => (Array.isArray(built) ? built[0] : built))) as Rollup.RollupOutput
  const { code } = output[0]
  expect(code).toContain('/tasks/{id}')
  expect(code).not.toMatch(/\/auth\/|\/uploads|node:|getBuiltinModule|Send the request again/)
  expect(gzipSync(code).length).toBeLessThan(3_000)
})
