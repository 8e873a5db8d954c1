import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { asCutroomError } from '../errors.ts'
import { UPLOAD_CHUNK_MULTIPLE } from './content-range.ts'
import { createDiskStorage } from './disk.ts'
import { receiveUpload } from './receive-upload.ts'
import { coded, get, keysBelow, pattern, put } from './testing/contract-kit.ts'
import { storageContract } from './testing/storage-contract.ts'
import { verifyUploadLink } from './upload-link.ts'

const SIGNING_SECRET = 'a secret of thirty-two characters'

/** A disk store in a temporary directory, with a minimal server that receives its uploads. */
async function openDisk() {
  const dir = await mkdtemp(join(tmpdir(), 'cutroom-disk-'))
  const server = createServer((req, res) => void answer(dir, req, res))
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const storage = createDiskStorage({
    dir,
    publicUrl: `http://127.0.0.1:${port}`,
    signingSecret: SIGNING_SECRET,
  })
  return {
    dir,
    port,
    storage,
    async outage() {
      await rm(dir, { recursive: true })
      await writeFile(dir, 'a file where the directory was')
    },
    async close() {
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
      await rm(dir, { recursive: true, force: true })
    },
  }
}

async function answer(dir: string, req: IncomingMessage, res: ServerResponse) {
  try {
    const url = new URL(req.url ?? '', 'http://localhost')
    const key = url.pathname.replace('/uploads/content/', '')
    const link = verifyUploadLink(key, Object.fromEntries(url.searchParams), SIGNING_SECRET)
    const { status, headers } = await receiveUpload({ dir, link, headers: req.headers, body: req })
    res.writeHead(status, headers).end()
  } catch (thrown) {
    const { status, code } = asCutroomError(thrown)
    res.writeHead(status, { connection: 'close' }).end(code)
  }
}

storageContract('disk storage', openDisk)

describe('disk storage', () => {
  const upload = { contentType: 'video/mp4', maxBytes: 1_000_000, expiresInSeconds: 600 }
  let store: Awaited<ReturnType<typeof openDisk>>
  beforeEach(async () => {
    store = await openDisk()
  })
  afterEach(() => store.close())

  test('has no download URLs: web streams', async () => {
    await put(store.storage, 'a', 'x')
    const options = { fileName: 'a', contentType: 'text/plain', expiresInSeconds: 60 }
    expect(await store.storage.downloadUrl('a', options)).toBeUndefined()
  })

  test('has a file for each object', async () => {
    await put(store.storage, 'a', 'the bytes')
    expect(await readFile((await store.storage.filePath?.('a')) ?? '', 'utf8')).toBe('the bytes')
    expect(await store.storage.filePath?.('b')).toBeUndefined()
  })

  test('rejects an upload that is too large, announced or not, and keeps nothing of it', async () => {
    const { url } = await store.storage.uploadTarget('a', { ...upload, maxBytes: 1000 })
    const announced = await fetch(url, { method: 'PUT', body: 'x'.repeat(1001) })
    expect([announced.status, await announced.text()]).toEqual([413, 'request.too_large'])
    const body = Readable.from([Buffer.alloc(600), Buffer.alloc(600)])
    const link = { key: 'a', maxBytes: 1000, contentType: 'video/mp4', expiresAt: new Date() }
    const receiving = receiveUpload({ dir: store.dir, link, headers: {}, body })
    await expect(receiving).rejects.toEqual(coded('request.too_large'))
    expect(await readdir(join(store.dir, 'partial'))).toEqual([])
  })

  test('rejects an upload by a link that was changed', async () => {
    const { url } = await store.storage.uploadTarget('a', upload)
    const reply = await fetch(url.replace('max=1000000', 'max=9000000'), { method: 'PUT', body: 'x' })
    expect([reply.status, await reply.text()]).toEqual([403, 'upload.link_invalid'])
  })

  test('keeps what arrived before a connection broke, and resumes from there', async () => {
    const bytes = pattern(700_000)
    const { url } = await store.storage.uploadTarget('a', upload)
    await sendAndBreak(url, bytes.subarray(0, 500_000), bytes.length)
    const received = await receivedBytes(url, bytes.length)
    expect(received).toBeLessThanOrEqual(500_000)
    const contentRange = { 'content-range': `bytes ${received}-${bytes.length - 1}/${bytes.length}` }
    const reply = await fetch(url, {
      method: 'PUT',
      body: new Uint8Array(bytes.subarray(received)),
      headers: contentRange,
    })
    expect(reply.status).toBe(201)
    expect(bytes.equals(await get(store.storage, 'a'))).toBe(true)
  })

  test('accepts one request at a time for an upload', async () => {
    const link = { key: 'a', maxBytes: 1000, contentType: 'video/mp4', expiresAt: new Date() }
    const slow = new PassThrough({ highWaterMark: 1 })
    slow.write('the ')
    const first = receiveUpload({ dir: store.dir, link, headers: {}, body: slow })
    await once(slow, 'drain')
    const second = receiveUpload({ dir: store.dir, link, headers: {}, body: Readable.from(['second']) })
    await expect(second).rejects.toEqual(coded('service.busy'))
    slow.end('first')
    expect(await first).toEqual({ status: 201, headers: {} })
    expect((await get(store.storage, 'a')).toString()).toBe('the first')
  })

  test('rejects an upload that lost the race for its key against a created object', async () => {
    const link = { key: 'a', maxBytes: 1000, contentType: 'video/mp4', expiresAt: new Date() }
    const slow = new PassThrough({ highWaterMark: 1 })
    slow.write('up')
    const receiving = receiveUpload({ dir: store.dir, link, headers: {}, body: slow })
    await once(slow, 'drain')
    await put(store.storage, 'a', 'created')
    slow.end('loaded')
    await expect(receiving).rejects.toEqual(coded('upload.conflict'))
    expect((await get(store.storage, 'a')).toString()).toBe('created')
  })

  test('removes stale partial uploads, and only those', async () => {
    const { url } = await store.storage.uploadTarget('old', upload)
    const chunk = { 'content-range': `bytes 0-${UPLOAD_CHUNK_MULTIPLE - 1}/*` }
    await fetch(url, { method: 'PUT', body: new Uint8Array(UPLOAD_CHUNK_MULTIPLE), headers: chunk })
    await put(store.storage, 'done', 'x')
    expect(await store.storage.removeStalePartials?.(new Date(Date.now() - 60_000))).toBe(0)
    expect(await store.storage.removeStalePartials?.(new Date(Date.now() + 60_000))).toBe(1)
    expect(await readdir(join(store.dir, 'partial'))).toEqual([])
    expect(await keysBelow(store.storage, '')).toEqual(['done'])
  })

  test('removes a directory with its last object', async () => {
    await put(store.storage, 'tasks/1/a', 'x')
    await put(store.storage, 'tasks/1/b', 'x')
    await store.storage.remove('tasks/1/a')
    expect(await readdir(join(store.dir, 'objects/tasks'))).toEqual(['1'])
    await store.storage.remove('tasks/1/b')
    expect(await readdir(join(store.dir, 'objects'))).toEqual([])
  })

  test('leaves no partial file behind after a failed create', async () => {
    await put(store.storage, 'a', 'x')
    await expect(put(store.storage, 'a', 'y')).rejects.toEqual(coded('storage.exists'))
    expect(await readdir(join(store.dir, 'partial'))).toEqual([])
  })
})

/** Starts a PUT and breaks the connection once these bytes have been sent. */
async function sendAndBreak(url: string, bytes: Buffer, total: number): Promise<void> {
  const req = request(url, { method: 'PUT', headers: { 'content-length': total } })
  const broken = once(req, 'error')
  req.write(bytes, () => req.destroy(new Error('connection lost')))
  await broken
}

/** How many bytes the server has, once it has noticed that the last connection broke. */
async function receivedBytes(url: string, total: number): Promise<number> {
  for (;;) {
    const reply = await fetch(url, { method: 'PUT', headers: { 'content-range': `bytes */${total}` } })
    if (reply.status === 308) return Number(reply.headers.get('range')?.split('-')[1] ?? -1) + 1
    expect(reply.status).toBe(429)
  }
}
