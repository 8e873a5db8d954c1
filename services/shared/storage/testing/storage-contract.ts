import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Storage } from '../port.ts'
import { coded, get, keysBelow, pattern, put, type StoreUnderTest, streamOf } from './contract-kit.ts'
import { objectCreationContract } from './create-contract.ts'
import { uploadsContract } from './uploads-contract.ts'

/** The promises of the storage port, as one suite that every adapter runs in its tests. */
export function storageContract(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(name, () => {
    let store: StoreUnderTest
    let storage: Storage
    beforeEach(async () => {
      store = await open()
      storage = store.storage
    })
    afterEach(() => store.close())

    describe('an object', () => {
      test('is read back as it was stored, with its checksum', async () => {
        const created = await storage.create('a/b.txt', streamOf('123456789'), { contentType: 'text/plain' })
        expect(created).toMatchObject({
          key: 'a/b.txt',
          bytes: 9,
          contentType: 'text/plain',
          crc32c: '4waSgw==',
        })
        expect(await storage.stat('a/b.txt')).toEqual(created)
        expect((await get(storage, 'a/b.txt')).toString()).toBe('123456789')
      })

      test('may be empty', async () => {
        expect(await put(storage, 'empty', '')).toMatchObject({ bytes: 0, crc32c: 'AAAAAA==' })
        expect(await get(storage, 'empty')).toHaveLength(0)
      })

      test('records when it was created', async () => {
        const before = Date.now()
        const { createdAt } = await put(storage, 'a', 'x')
        expect(createdAt.getTime()).toBeGreaterThanOrEqual(before - 1000)
        expect(createdAt.getTime()).toBeLessThanOrEqual(Date.now() + 1000)
      })

      test('can be read in ranges with both ends inclusive', async () => {
        const bytes = pattern(100_000)
        await put(storage, 'a', bytes)
        expect(await get(storage, 'a', { start: 70_000, end: 70_009 })).toEqual(
          bytes.subarray(70_000, 70_010),
        )
        expect(await get(storage, 'a', { start: 0, end: 0 })).toEqual(bytes.subarray(0, 1))
      })

      test('ends a range at its last byte', async () => {
        await put(storage, 'a', '0123456789')
        expect((await get(storage, 'a', { start: 8, end: 99 })).toString()).toBe('89')
      })

      test('rejects a range that starts after its last byte', async () => {
        await put(storage, 'a', '0123456789')
        await expect(get(storage, 'a', { start: 10, end: 12 })).rejects.toEqual(
          coded('request.range_not_satisfiable'),
        )
      })

      test('that does not exist cannot be read and has no metadata', async () => {
        await expect(get(storage, 'missing/one')).rejects.toEqual(coded('storage.not_found'))
        expect(await storage.stat('missing/one')).toBeUndefined()
      })

      test('can be removed twice, and its key reused', async () => {
        await put(storage, 'a/b', 'first')
        await storage.remove('a/b')
        await storage.remove('a/b')
        expect(await storage.stat('a/b')).toBeUndefined()
        await put(storage, 'a/b', 'second')
        expect((await get(storage, 'a/b')).toString()).toBe('second')
      })

      const invalid = ['', '/a', 'a/', 'a//b', '../a', 'a/../b', 'a/.', 'a b', 'é', 'a@', 'a\0', 'a\\b']
      const shown = (key: string) => JSON.stringify(key).slice(0, 20)
      test.each([...invalid, `${'too-long/'.repeat(110)}x`].map((key) => [shown(key), key]))(
        'with the invalid key %s is rejected',
        async (_, key = '') => {
          await expect(put(storage, key, 'x')).rejects.toEqual(coded('internal.bug'))
          await expect(get(storage, key)).rejects.toEqual(coded('internal.bug'))
          await expect(storage.stat(key)).rejects.toEqual(coded('internal.bug'))
          await expect(storage.remove(key)).rejects.toEqual(coded('internal.bug'))
        },
      )
    })

    describe('a listing', () => {
      test('is in key order, and contains only keys that start with the prefix', async () => {
        const keys = ['t/1/b', 't/1/a.mp4', 't/1', 't/1-x', 't/10/z', 't/2', 'u/1', 't/1/a']
        for (const key of keys) await put(storage, key, key)
        expect(await keysBelow(storage, 't/1')).toEqual([
          't/1',
          't/1-x',
          't/1/a',
          't/1/a.mp4',
          't/1/b',
          't/10/z',
        ])
        expect(await keysBelow(storage, 't/1/')).toEqual(['t/1/a', 't/1/a.mp4', 't/1/b'])
        expect(await keysBelow(storage, '')).toEqual([...keys].sort())
        expect(await keysBelow(storage, 'v/')).toEqual([])
      })

      test('contains the metadata of each object', async () => {
        const created = await put(storage, 'a', '123456789')
        for await (const listed of storage.list('')) expect(listed).toEqual(created)
        expect.assertions(1)
      })
    })

    test('reading stops at an abort', async () => {
      await put(storage, 'a', pattern(2_000_000))
      const stop = new AbortController()
      const body = await storage.read('a', { signal: stop.signal })
      stop.abort()
      await expect(body.toArray()).rejects.toMatchObject({ name: 'AbortError' })
    })

    test('check fails when the store cannot be used', async () => {
      await storage.check()
      await store.outage?.()
      if (store.outage) await expect(storage.check()).rejects.toEqual(coded('storage.unavailable'))
    })

    test('a failing store is unavailable, not empty', async () => {
      await store.outage?.()
      const attempts = [storage.stat('a'), get(storage, 'a'), put(storage, 'a', 'x'), keysBelow(storage, '')]
      for (const attempt of await Promise.allSettled(attempts)) {
        expect(attempt).toEqual({ status: 'rejected', reason: coded('storage.unavailable') })
      }
    })

    objectCreationContract(() => storage)
    uploadsContract(() => storage)
  })
}
