import { once } from 'node:events'
import { PassThrough, Readable } from 'node:stream'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { type FakeGcsChild, forkFakeGcs } from '#test/fake-gcs/child.ts'
import { createCrc32c } from './crc32c.ts'
import { createGcsStorage } from './gcs.ts'
import { coded, get, keysBelow, pattern, put, streamOf } from './testing/contract-kit.ts'
import { storageContract } from './testing/storage-contract.ts'

const publicUrl = 'http://localhost:8080'
const video = { contentType: 'video/mp4' }
const megabyte = 1024 * 1024

let fake: FakeGcsChild
beforeAll(async () => {
  fake = await forkFakeGcs('files')
})
afterAll(() => fake.close())
beforeEach(() => fake.reset())

const open = (more: { bucket?: string; repeats?: number } = {}) =>
  createGcsStorage({ bucket: 'files', emulator: fake.url, publicUrl, repeats: 0, ...more })

/** A body of this many megabytes, one at a time. */
function megabytes(count: number, block = pattern(megabyte)): Readable {
  return Readable.from(
    (function* () {
      for (let i = 0; i < count; i++) yield block
    })(),
  )
}

storageContract('Cloud Storage', async () => {
  const storage = open()
  const outage = () => fake.fail({ kind: 'status', status: 503 })
  return { storage, faults: { outage }, close: () => storage.close() }
})

describe('Cloud Storage in trouble', () => {
  test('is asked again after a failure that passes', async () => {
    const storage = open({ repeats: 3 })
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
      expect(put(storage, 'made', 'x')).resolves.toMatchObject({ bytes: 1 }),
      expect(
        storage.uploadTarget('in', { ...video, maxBytes: 9, expiresInSeconds: 60 }),
      ).resolves.toBeDefined(),
    ])
  }, 20_000)

  test.each(['status', 'reset'] as const)(
    'a %s within a large upload is mended',
    async (kind) => {
      const storage = open({ repeats: 3 })
      await fake.fail({ kind, status: 503, count: 1, method: 'PUT' })
      const block = pattern(megabyte)
      const crc = createCrc32c()
      for (let i = 0; i < 17; i++) crc.update(block)
      const made = await storage.create('big', megabytes(17, block), video)
      expect(made).toMatchObject({ bytes: 17 * megabyte, crc32c: crc.digest() })
    },
    20_000,
  )

  test.each([
    ['small', 1],
    ['large', 9],
  ])(
    'a lost reply does not make a %s object somebody else’s',
    async (_, count) => {
      const storage = open({ repeats: 3 })
      await fake.fail({
        kind: 'lose-reply',
        count: 1,
        method: count === 1 ? 'POST' : 'PUT',
        url: 'upload_id',
      })
      await fake.fail({ kind: 'lose-reply', count: 1, method: 'POST', url: 'multipart' })
      const made = await storage.create('a', megabytes(count), video)
      expect(await storage.stat('a')).toEqual(made)
      expect(made.bytes).toBe(count * megabyte)
    },
    20_000,
  )

  test('a session that ended leaves nothing', async () => {
    const storage = open()
    const body = new PassThrough()
    const creating = storage.create('a', body, video)
    creating.catch(() => {})
    for (let i = 0; i < 16; i++) body.write(pattern(megabyte)) || (await once(body, 'drain'))
    await fake.expireSessions()
    body.end(pattern(megabyte))
    await expect(creating).rejects.toEqual(coded('storage.unavailable'))
    expect(await keysBelow(storage, '')).toEqual([])
  })

  test('an abort far into a large upload leaves nothing', async () => {
    const storage = open()
    const stop = new AbortController()
    const body = Readable.from(
      (async function* () {
        for (let i = 0; i < 20; i++) yield pattern(megabyte)
        stop.abort(new Error('enough'))
        yield pattern(megabyte)
      })(),
    )
    await expect(storage.create('a', body, { ...video, signal: stop.signal })).rejects.toThrow('enough')
    expect(await keysBelow(storage, '')).toEqual([])
  })

  test('a stream that fails far into a large upload leaves nothing', async () => {
    const storage = open()
    const body = Readable.from(
      (async function* () {
        for (let i = 0; i < 20; i++) yield pattern(megabyte)
        throw new Error('the source broke')
      })(),
    )
    await expect(storage.create('a', body, video)).rejects.toThrow('the source broke')
    expect(await keysBelow(storage, '')).toEqual([])
  })

  test('a large object of a taken key fails', async () => {
    const storage = open()
    await put(storage, 'a', 'first')
    await expect(storage.create('a', megabytes(9), video)).rejects.toEqual(coded('storage.exists'))
    expect(String(await get(storage, 'a'))).toBe('first')
  })

  test('a download that breaks off fails', async () => {
    const storage = open()
    await put(storage, 'a', pattern(megabyte))
    await fake.fail({ kind: 'cut-reply', count: 1, url: 'o/a' })
    await expect(get(storage, 'a')).rejects.toEqual(coded('storage.unavailable'))
  })

  test('a missing bucket is a store that cannot be used', async () => {
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

  test('takes an upload target back when the key is taken', async () => {
    const storage = open()
    await storage.create('a', streamOf('x'), video)
    const target = storage.uploadTarget('a', { ...video, maxBytes: 9, expiresInSeconds: 60 })
    await expect(target).rejects.toEqual(coded('storage.exists'))
  })

  test('finds a stand-in that the environment names as well', async () => {
    process.env.STORAGE_EMULATOR_HOST = fake.url
    try {
      const storage = open()
      await put(storage, 'a', 'x')
      expect(await keysBelow(storage, '')).toEqual(['a'])
    } finally {
      delete process.env.STORAGE_EMULATOR_HOST
    }
  })

  test('has no download link at a stand-in: web streams', async () => {
    const options = { fileName: 'a.mp4', ...video, expiresInSeconds: 60 }
    expect(await open().downloadUrl('a', options)).toBeUndefined()
  })
})
