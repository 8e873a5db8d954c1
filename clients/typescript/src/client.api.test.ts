import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { openTestWeb, type TestWeb } from '../../../test/web-app.ts'
import type { Upload } from './api.ts'
import { type Client, createClient } from './client.ts'
import { CHUNK_BYTES } from './uploads/chunks.ts'

let web: TestWeb
let client: Client
let dir: string
beforeAll(async () => {
  web = await openTestWeb()
  dir = await mkdtemp(join(tmpdir(), 'cutroom-client-'))
  // Links in replies start with the public URL, where no server listens in this test.
  const redirected: typeof fetch = (url, init) =>
    fetch(String(url).replace(web.config.publicUrl, web.url), init)
  client = createClient({ baseUrl: web.url, fetch: redirected })
  const account = { email: 'ada@example.org', password: 'correct horse battery' }
  await client.signup({ username: 'ada', ...account, password_2: account.password })
  await client.login(account)
})
afterAll(async () => {
  await web.close()
  await rm(dir, { recursive: true, force: true })
})

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const collected: Item[] = []
  for await (const item of items) collected.push(item)
  return collected
}

test.each(['path', 'bytes', 'Blob', 'stream'])('a file that is given as %s arrives whole', async (kind) => {
  const bytes = randomBytes(CHUNK_BYTES + 1000)
  const path = join(dir, 'holiday.mp4')
  await writeFile(path, bytes)
  const stream = async function* () {
    yield bytes.subarray(0, 1000)
    yield bytes.subarray(1000)
  }
  const file = { path, bytes, Blob: new Blob([bytes]), stream: stream() }[kind] ?? ''
  const { upload_id } = await client.upload(file)
  expect(await client.uploads.get(upload_id)).toMatchObject({
    bytes: bytes.length,
    filename: kind === 'path' ? 'holiday.mp4' : 'upload',
    content_type: kind === 'path' ? 'video/mp4' : 'application/octet-stream',
  })
})

test('an interrupted upload continues in another process', async () => {
  const file = new Blob([randomBytes(CHUNK_BYTES + 1000)])
  const stop = new AbortController()
  let created: Upload | undefined
  const interrupted = client.upload(file, {
    onCreated: (upload) => (created = upload),
    signal: stop.signal,
    onProgress: ({ sent }) => sent > 0 && stop.abort(),
  })
  await expect(interrupted).rejects.toThrow()
  const sent: number[] = []
  await client.upload(file, {
    ...(created && { resume: created }),
    onProgress: (progress) => sent.push(progress.sent),
  })
  expect(sent).toEqual([CHUNK_BYTES, file.size])
})

test('a task is created once for a key, waited for, listed, and its result saved', async () => {
  const idempotencyKey = randomUUID()
  const source = { url: 'https://example.com/a.mp4', preset: 'mp3' } as const
  const task = await client.tasks.create(source, { idempotencyKey })
  expect(await client.tasks.create(source, { idempotencyKey })).toEqual(task)

  const states: string[] = []
  const waiting = client.tasks.wait(task.id, { onProgress: ({ status }) => states.push(status) })
  await web.finish(task.id, { 'output.mp3': 'audio' })
  expect(await waiting).toMatchObject({ status: 'succeeded', outputs: [{ name: 'output.mp3' }] })
  expect(states.at(-1)).toBe('succeeded')

  const listed = await collect(client.tasks.list({ status: 'succeeded' }))
  expect(listed.map(({ id }) => id)).toEqual([task.id])
  const path = join(dir, 'output.mp3')
  await client.tasks.outputs.save(task.id, 'output.mp3', path)
  expect(await readFile(path, 'utf8')).toBe('audio')
  const link = await client.tasks.outputs.link(task.id, 'output.mp3', 60)
  expect(await (await fetch(web.url + web.pathOf(link))).text()).toBe('audio')

  expect(await client.tasks.delete(task.id)).toBeUndefined()
  await expect(client.tasks.get(task.id)).rejects.toMatchObject({ code: 'task.not_found', status: 404 })
})

test('more tasks are waited for than there may be event streams', async () => {
  const limited = await openTestWeb({ env: { EVENT_STREAMS_PER_USER: '1' } })
  const other = createClient({ baseUrl: limited.url, apiKey: (await limited.signUp()).token })
  const ids = [1, 2].map(async () => (await other.tasks.create({ url: 'https://example.com/a.mp4' })).id)
  const [first = '', second = ''] = await Promise.all(ids)
  let isFirstSeen: () => void = () => {}
  const seen = new Promise<void>((resolve) => {
    isFirstSeen = resolve
  })
  const waiting = other.tasks.wait(first, { onProgress: isFirstSeen })
  await seen
  // Before it is waited for: a poll that finds it unfinished would be repeated after seconds only.
  await limited.finish(second, { 'output.mp4': 'video' })
  expect((await other.tasks.wait(second)).status).toBe('succeeded')
  await limited.finish(first, { 'output.mp4': 'video' })
  expect((await waiting).status).toBe('succeeded')
  await limited.close()
})

test('every operation takes the arguments that its types allow', async () => {
  const { id } = await client.tasks.create({ url: 'https://media.example/a.mp4', metadata: { order: '17' } })
  const query = { metadata: { order: '17' } }
  expect((await client.call('listTasks', { query })).tasks.map((task) => task.id)).toEqual([id])
  expect((await client.call('listTasks', { query: { metadata: { order: '18' } } })).tasks).toEqual([])
  // The service itself answers: an index of 0 is sent like any other.
  const path = { id: crypto.randomUUID(), index: 0 }
  await expect(client.call('getSourceWaveform', { path })).rejects.toMatchObject({ code: 'task.not_found' })
  expect((await client.tasks.abort(id)).status).toBe('aborted')
  // It never deletes.
  await expect(client.tasks.abort(id)).rejects.toMatchObject({ code: 'task.finished', status: 409 })
  expect((await client.tasks.get(id)).status).toBe('aborted')
})

test('lists go on to the next page', async () => {
  const created = new Set<string>()
  for (let count = 0; count < 105; count++) {
    created.add((await client.tasks.create({ url: 'https://example.com/a.mp4' })).id)
  }
  const listed = await collect(client.tasks.list({ status: 'queued', oldestFirst: true }))
  expect(new Set(listed.map(({ id }) => id))).toEqual(created)
})

test.each([
  [
    'a wrong key',
    () => createClient({ baseUrl: web.url, apiKey: 'ck_wrong' }).tasks.get(randomUUID()),
    'auth.required',
  ],
  ['an invalid field', () => client.tasks.create({ url: 'nowhere' }), 'request.invalid'],
  ['an upload of others', () => client.tasks.create({ upload_id: randomUUID() }), 'upload.not_found'],
  ['no file', () => client.upload(join(dir, 'missing.mp4')), 'client.input_invalid'],
  ['an empty file', () => client.upload(new Blob([])), 'client.input_invalid'],
  ['an address that is none', async () => createClient({ baseUrl: 'cutroom' }), 'client.input_invalid'],
])('%s is an error with a code', async (_what, call, code) => {
  await expect(call()).rejects.toMatchObject({ name: 'CutroomError', code })
})

test('events of all tasks come in order, and continue after a number', async () => {
  const stop = new AbortController()
  const { id } = await client.tasks.create({ url: 'https://example.com/a.mp4', preset: 'mp3' })
  const types = ['task.created', 'task.succeeded'] as const
  const read = async (after: number, count: number) => {
    const events = []
    for await (const event of client.events({ after, types, taskId: id, signal: stop.signal })) {
      events.push(event)
      if (events.length === count) return events
    }
    return events
  }
  const reading = read(0, 2)
  await web.finish(id, { 'output.mp3': 'audio' })
  const events = await reading
  expect(events.map(({ type }) => type)).toEqual(types)
  expect(await read(events[0]?.sequence ?? 0, 1)).toEqual(events.slice(1))
})
