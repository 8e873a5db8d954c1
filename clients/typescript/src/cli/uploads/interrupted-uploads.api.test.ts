import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { createServer, request as forward, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer, text } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import { createGcsStorage } from '../../../../../services/shared/storage/gcs.ts'
import { forkFakeGcs } from '../../../../../test/fake-gcs/child.ts'
import { openTestWeb } from '../../../../../test/web-app.ts'
import { CHUNK_BYTES } from '../../uploads/chunks.ts'
import { runCutroom, startCutroom } from '../testing/run-cutroom.ts'

// Each command is a process of its own.
jest.setTimeout(60_000)

const SIZE = CHUNK_BYTES + 1000
const FIRST = `bytes 0-${CHUNK_BYTES - 1}/${SIZE}`
const REST = `bytes ${CHUNK_BYTES}-${SIZE - 1}/${SIZE}`
const BYTES = randomBytes(SIZE)

let folder: string
let file: string
let closing: (() => unknown)[]
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cutroom-resume-'))
  file = join(folder, 'talk.mp4')
  await writeFile(file, BYTES)
  closing = [() => rm(folder, { recursive: true, force: true })]
})
afterEach(async () => {
  for (const close of closing.toReversed()) await close()
})

/** Forwards requests to `target`; while `hangs` is set, the second chunk of an upload gets no reply, and `hangs` is called. */
async function openProxy(target: () => string) {
  const proxy = { url: '', ranges: [] as string[], hangs: undefined as (() => void) | undefined }
  const server: Server = createServer((request, response) => {
    const { method, url, headers } = request
    const range = headers['content-range']
    if (range) proxy.ranges.push(range)
    if (proxy.hangs && range === REST) {
      request.resume()
      return proxy.hangs()
    }
    const outgoing = forward(target() + url, { method, headers }, (reply) => {
      response.writeHead(reply.statusCode ?? 500, reply.headers)
      reply.pipe(response)
    })
    outgoing.once('error', () => response.destroy())
    return request.pipe(outgoing)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  proxy.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  closing.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return proxy
}

/** A service whose uploads go through the proxy: those of disk storage to itself, others to Cloud Storage. */
async function openService(kind: string) {
  let target = ''
  const proxy = await openProxy(() => target)
  if (kind === 'disk') {
    const web = await openTestWeb()
    closing.push(web.close)
    target = web.url
    return { web, proxy, url: proxy.url }
  }
  const fake = await forkFakeGcs('files')
  target = fake.url
  const storage = createGcsStorage({
    bucket: 'files',
    emulator: proxy.url,
    publicUrl: 'http://localhost:8080',
  })
  const web = await openTestWeb({ deps: { storage } })
  closing.push(
    () => fake.close(),
    web.close,
    () => storage.close(),
  )
  return { web, proxy, url: web.url, fake }
}

async function openUser(kind: string) {
  const service = await openService(kind)
  const user = await service.web.signUp()
  const env = {
    CUTROOM_URL: service.url,
    CUTROOM_API_KEY: user.token,
    CUTROOM_CREDENTIALS: join(folder, 'cutroom/credentials.json'),
  }
  /** Starts the command, and ends it by the signal while it sends the second chunk. Resolves to what it wrote to stderr. */
  async function interrupted(args: string[], signal: NodeJS.Signals): Promise<string> {
    const child = startCutroom(args, env)
    const ended = once(child, 'close')
    const written = text(child.stderr)
    await new Promise<void>((resolve, reject) => {
      service.proxy.hangs = resolve
      ended.then(async () => reject(new Error(`It ended before: ${await written}`)))
    })
    service.proxy.hangs = undefined
    service.proxy.ranges.length = 0
    child.kill(signal)
    await ended
    return written
  }
  const stored = async (id: string) => buffer(await service.web.storage.read(`uploads/${user.id}/${id}`))
  return {
    ...service,
    user,
    interrupted,
    stored,
    run: (args: string[], input = '') => runCutroom(args, env, input),
  }
}

test.each([
  ['disk', 'SIGINT'],
  ['disk', 'SIGKILL'],
  ['Cloud Storage', 'SIGINT'],
] as const)(
  'an upload to %s that %s ended is continued by the next command where its bytes end',
  async (kind, signal) => {
    const { web, user, proxy, interrupted, stored, run } = await openUser(kind)
    const written = await interrupted(['make', file, '--preset', 'mp3'], signal)
    if (signal === 'SIGINT') expect(written).toContain('the next command with the same file continues it.')
    const uploaded = await run(['upload', file])
    expect(uploaded).toMatchObject({ code: 0, stderr: 'Continuing the upload of talk.mp4.\n' })
    expect(proxy.ranges).toEqual([`bytes */${SIZE}`, REST])
    expect((await stored(uploaded.stdout.trim())).equals(BYTES)).toBe(true)
    const { body } = await web.agent.get('/uploads').set('Authorization', web.bearer(user))
    expect(body.uploads).toHaveLength(1)
    expect(await readdir(join(folder, 'cutroom/uploads'))).toEqual([])
  },
)

test('a file that has changed, and one whose session has ended, is sent anew', async () => {
  const { proxy, interrupted, stored, run, fake } = await openUser('Cloud Storage')
  await interrupted(['upload', file], 'SIGINT')
  await fake?.expireSessions()
  const uploaded = await run(['upload', file, '--json'])
  const { input, upload_id } = JSON.parse(uploaded.stdout)
  expect(input).toBe(file)
  expect(proxy.ranges).toEqual([`bytes */${SIZE}`, FIRST, REST])
  expect((await stored(upload_id)).equals(BYTES)).toBe(true)

  await interrupted(['upload', file], 'SIGKILL')
  const changed = randomBytes(SIZE)
  await writeFile(file, changed)
  const again = await run(['upload', file])
  expect(proxy.ranges).toEqual([FIRST, REST])
  expect((await stored(again.stdout.trim())).equals(changed)).toBe(true)
})

test('several files are uploaded, each with its id, and so is stdin', async () => {
  const { stored, run } = await openUser('disk')
  const other = join(folder, 'logo.png')
  await writeFile(other, 'logo')
  const several = await run(['upload', other, join(folder, 'missing.mp4')])
  expect(several).toMatchObject({ code: 4, stderr: expect.stringContaining('missing.mp4 failed.') })
  const [id = '', name] = several.stdout.trim().split('  ')
  expect([name, String(await stored(id))]).toEqual(['logo.png', 'logo'])
  const piped = await run(['upload', '-', '--name', 'talk.mp4'], 'piped')
  expect(String(await stored(piped.stdout.trim()))).toBe('piped')
  // As a source, which needs no second upload.
  const planned = await run(['make', id, '--preset', 'mp3', '--no-wait', '--json'])
  const { sources } = JSON.parse(planned.stdout).recipe
  expect(sources).toMatchObject([{ upload_id: id }])
  expect(await run(['upload', id])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('needs no upload'),
  })
  expect(await run(['upload', 'https://example.com/a.mp4'])).toMatchObject({ code: 2 })
  expect(await run(['upload'])).toMatchObject({ code: 2 })
})
