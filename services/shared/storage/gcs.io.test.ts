import { once } from 'node:events'
import { PassThrough, Readable } from 'node:stream'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { type FakeGcsChild, forkFakeGcs } from '#test/fake-gcs/child.ts'
import { createCrc32c } from './crc32c.ts'
import { createGcsStorage } from './gcs.ts'
import { coded, get, keysBelow, pattern, put, streamOf } from './testing/contract-kit.ts'
import { storageContract } from './testing/storage-contract.ts'

const PUBLIC_URL = 'http://localhost:8080'
const VIDEO = { contentType: 'video/mp4' }
const MEGABYTE = 1024 * 1024

let fake: FakeGcsChild
beforeAll(async () => {
  fake = await forkFakeGcs('files')
})
afterAll(() => fake.close())
beforeEach(() => fake.reset())

const open = (more: { bucket?: string; retries?: number } = {}) =>
  createGcsStorage({ bucket: 'files', emulator: fake.url, publicUrl: PUBLIC_URL, retries: 0, ...more })

/** A stream of this many megabytes, in chunks of one. */
function megabytes(count: number, block = pattern(MEGABYTE)): Readable {
  return Readable.from(
    (function* () {
      for (let i = 0; i < count; i++) yield block
    })(),
  )
}

storageContract('Cloud Storage', async () => {
  const storage = open()
  const outage = () => fake.fail({ kind: 'status', status: 503 })
  return { storage, outage, close: () => storage.close() }
})

describe('Cloud Storage with failures', () => {
  test('is retried after a transient failure', async () => {
    const storage = open({ retries: 3 })
    await Promise.all(['read', 'stat', 'gone'].map((key) => put(storage, key, key)))
    await fake.fail({ kind: 'status', status: 503, count: 1, method: 'GET', url: 'o/read' })
    await fake.fail({ kind: 'status', status: 429, count: 1, method: 'GET', url: 'o/stat' })
    await fake.fail({ kind: 'reset', count: 1, method: 'GET', url: 'o?' })
    await fake.fail({ kind: 'status', status: 500, count: 1, method: 'DELETE', url: 'o/gone' })
    await fake.fail({ kind: 'status', status: 503, count: 1, method: 'POST', url: 'multipart' })
    await fake.fail({ kind: 'status', status: 503, count: 1, method: 'POST', url: 'resumable' })
    await Promise.all([
      expect(get(storage, 'read').then(String)).resolves.toBe('read'),
      expect(storage.stat('stat')).resolves.toMatchObject({ bytes: 4 }),
      expect(keysBelow(storage, 'st')).resolves.toEqual(['stat']),
      expect(storage.remove('gone')).resolves.toBeUndefined(),
      expect(put(storage, 'created', 'x')).resolves.toMatchObject({ bytes: 1 }),
      expect(
        storage.uploadTarget('in', { ...VIDEO, maxBytes: 9, expiresInSeconds: 60 }),
      ).resolves.toBeDefined(),
    ])
  }, 20_000)

  test.each(['status', 'reset'] as const)(
    'a large upload survives a %s',
    async (kind) => {
      const storage = open({ retries: 3 })
      await fake.fail({ kind, status: 503, count: 1, method: 'PUT' })
      const block = pattern(MEGABYTE)
      const crc = createCrc32c()
      for (let i = 0; i < 17; i++) crc.update(block)
      const created = await storage.create('big', megabytes(17, block), VIDEO)
      expect(created).toMatchObject({ bytes: 17 * MEGABYTE, crc32c: crc.digest() })
    },
    20_000,
  )

  test.each([
    ['small', 1],
    ['large', 9],
  ])(
    'a %s object is still ours when the reply to its creation is lost',
    async (_, count) => {
      const storage = open({ retries: 3 })
      await fake.fail({
        kind: 'lose-reply',
        count: 1,
        method: count === 1 ? 'POST' : 'PUT',
        url: 'upload_id',
      })
      await fake.fail({ kind: 'lose-reply', count: 1, method: 'POST', url: 'multipart' })
      const created = await storage.create('a', megabytes(count), VIDEO)
      expect(await storage.stat('a')).toEqual(created)
      expect(created.bytes).toBe(count * MEGABYTE)
    },
    20_000,
  )

  test('an expired session leaves nothing behind', async () => {
    const storage = open()
    const body = new PassThrough()
    const creating = storage.create('a', body, VIDEO)
    creating.catch(() => {})
    for (let i = 0; i < 16; i++) body.write(pattern(MEGABYTE)) || (await once(body, 'drain'))
    await fake.expireSessions()
    body.end(pattern(MEGABYTE))
    await expect(creating).rejects.toEqual(coded('storage.unavailable'))
    expect(await keysBelow(storage, '')).toEqual([])
  })

  test('an abort late in a large upload leaves nothing behind', async () => {
    const storage = open()
    const stop = new AbortController()
    const body = Readable.from(
      (async function* () {
        for (let i = 0; i < 20; i++) yield pattern(MEGABYTE)
        stop.abort(new Error('enough'))
        yield pattern(MEGABYTE)
      })(),
    )
    await expect(storage.create('a', body, { ...VIDEO, signal: stop.signal })).rejects.toThrow('enough')
    expect(await keysBelow(storage, '')).toEqual([])
  })

  test('a stream that fails late in a large upload leaves nothing behind', async () => {
    const storage = open()
    const body = Readable.from(
      (async function* () {
        for (let i = 0; i < 20; i++) yield pattern(MEGABYTE)
        throw new Error('the source broke')
      })(),
    )
    await expect(storage.create('a', body, VIDEO)).rejects.toThrow('the source broke')
    expect(await keysBelow(storage, '')).toEqual([])
  })

  test('creating a large object under a taken key fails', async () => {
    const storage = open()
    await put(storage, 'a', 'first')
    await expect(storage.create('a', megabytes(9), VIDEO)).rejects.toEqual(coded('storage.exists'))
    expect(String(await get(storage, 'a'))).toBe('first')
  })

  test('a truncated download fails', async () => {
    const storage = open()
    await put(storage, 'a', pattern(MEGABYTE))
    await fake.fail({ kind: 'cut-reply', count: 1, url: 'o/a' })
    await expect(get(storage, 'a')).rejects.toEqual(coded('storage.unavailable'))
  })

  test('a missing bucket fails the check', async () => {
    await expect(open({ bucket: 'nobodys' }).check()).rejects.toEqual(coded('storage.unavailable'))
  })
})

describe('Cloud Storage', () => {
  test('lists beyond one page', async () => {
    const storage = open()
    const keys = Array.from({ length: 1001 }, (_, i) => `k/${String(i).padStart(4, '0')}`)
    const insert = `${fake.url}/upload/storage/v1/b/files/o?uploadType=media&name=`
    for (let i = 0; i < keys.length; i += 50) {
      await Promise.all(
        keys.slice(i, i + 50).map((key) => fetch(insert + key, { method: 'POST', body: key })),
      )
    }
    expect(await keysBelow(storage, 'k/')).toEqual(keys)
  })

  test('opens no upload target for a taken key', async () => {
    const storage = open()
    await storage.create('a', streamOf('x'), VIDEO)
    const target = storage.uploadTarget('a', { ...VIDEO, maxBytes: 9, expiresInSeconds: 60 })
    await expect(target).rejects.toEqual(coded('storage.exists'))
  })

  test('works with an emulator that the environment names too', async () => {
    process.env.STORAGE_EMULATOR_HOST = fake.url
    try {
      const storage = open()
      await put(storage, 'a', 'x')
      expect(await keysBelow(storage, '')).toEqual(['a'])
    } finally {
      delete process.env.STORAGE_EMULATOR_HOST
    }
  })

  test('has no download URL on an emulator: web streams', async () => {
    const options = { fileName: 'a.mp4', ...VIDEO, expiresInSeconds: 60 }
    expect(await open().downloadUrl('a', options)).toBeUndefined()
  })
})
