import { PassThrough, Readable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import {
  coded,
  get,
  heldMegabytes,
  keysBelow,
  pattern,
  put,
  type StoreUnderTest,
  streamOf,
} from './contract-kit.ts'
import type { Storage } from './port.ts'
import { describeUploads } from './uploads.contract.ts'

/** The promises of the storage port, as one suite that every adapter passes. */
export function describeStorage(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(name, () => {
    let store: StoreUnderTest
    let storage: Storage
    beforeEach(async () => {
      store = await open()
      storage = store.storage
    })
    afterEach(() => store.close())

    describe('an object', () => {
      test('comes back as it was stored, with its checksum', async () => {
        const made = await storage.create('a/b.txt', streamOf('123456789'), { contentType: 'text/plain' })
        expect(made).toMatchObject({
          key: 'a/b.txt',
          bytes: 9,
          contentType: 'text/plain',
          crc32c: '4waSgw==',
        })
        expect(await storage.stat('a/b.txt')).toEqual(made)
        expect((await get(storage, 'a/b.txt')).toString()).toBe('123456789')
      })

      test('may be empty', async () => {
        expect(await put(storage, 'empty', '')).toMatchObject({ bytes: 0, crc32c: 'AAAAAA==' })
        expect(await get(storage, 'empty')).toHaveLength(0)
      })

      test('says when it was made', async () => {
        const before = Date.now()
        const { createdAt } = await put(storage, 'a', 'x')
        expect(createdAt.getTime()).toBeGreaterThanOrEqual(before - 1000)
        expect(createdAt.getTime()).toBeLessThanOrEqual(Date.now() + 1000)
      })

      test('gives a range with both ends in it', async () => {
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

      test('refuses a range that starts after its last byte', async () => {
        await put(storage, 'a', '0123456789')
        await expect(get(storage, 'a', { start: 10, end: 12 })).rejects.toEqual(coded('request.range'))
      })

      test('that is not there cannot be read, and has no facts', async () => {
        await expect(get(storage, 'missing/one')).rejects.toEqual(coded('storage.not_found'))
        expect(await storage.stat('missing/one')).toBeUndefined()
      })

      test('can be removed twice, and its key used again', async () => {
        await put(storage, 'a/b', 'first')
        await storage.remove('a/b')
        await storage.remove('a/b')
        expect(await storage.stat('a/b')).toBeUndefined()
        await put(storage, 'a/b', 'second')
        expect((await get(storage, 'a/b')).toString()).toBe('second')
      })

      const odd = ['', '/a', 'a/', 'a//b', '../a', 'a/../b', 'a/.', 'a b', 'é', 'a@', 'a\0', 'a\\b']
      const shown = (key: string) => JSON.stringify(key).slice(0, 20)
      test.each([...odd, `${'too-long/'.repeat(110)}x`].map((key) => [shown(key), key]))(
        'of the odd key %s is refused',
        async (_, key = '') => {
          await expect(put(storage, key, 'x')).rejects.toEqual(coded('internal.bug'))
          await expect(get(storage, key)).rejects.toEqual(coded('internal.bug'))
          await expect(storage.stat(key)).rejects.toEqual(coded('internal.bug'))
          await expect(storage.remove(key)).rejects.toEqual(coded('internal.bug'))
        },
      )
    })

    describe('a listing', () => {
      test('is in key order, and only of keys that begin with the prefix', async () => {
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

      test('carries the facts of each object', async () => {
        const made = await put(storage, 'a', '123456789')
        for await (const listed of storage.list('')) expect(listed).toEqual(made)
        expect.assertions(1)
      })
    })

    describe('creating', () => {
      test('a taken key fails and changes nothing', async () => {
        await put(storage, 'a', 'first')
        await expect(put(storage, 'a', 'second')).rejects.toEqual(coded('storage.exists'))
        expect((await get(storage, 'a')).toString()).toBe('first')
      })

      test('one key from several sides lets exactly one win', async () => {
        const bodies = Array.from({ length: 6 }, (_, seed) => pattern(50_000, seed + 1))
        const results = await Promise.allSettled(bodies.map((body) => put(storage, 'a', body)))
        const winners = results.flatMap(({ status }, i) => (status === 'fulfilled' ? [i] : []))
        expect(winners).toHaveLength(1)
        for (const result of results) {
          if (result.status === 'rejected') expect(result.reason).toEqual(coded('storage.exists'))
        }
        expect(await get(storage, 'a')).toEqual(bodies[winners[0] ?? -1])
      })

      test('more than maxBytes is refused and leaves nothing', async () => {
        const options = { contentType: 'text/plain', maxBytes: 10 }
        await expect(storage.create('a', streamOf('01234567890'), options)).rejects.toEqual(
          coded('request.too_large'),
        )
        expect(await keysBelow(storage, '')).toEqual([])
        expect(await storage.create('a', streamOf('0123456789'), options)).toMatchObject({ bytes: 10 })
      })

      test('from a stream that fails throws its error and leaves nothing', async () => {
        const body = Readable.from(
          (async function* () {
            yield pattern(300_000)
            throw new Error('the source broke')
          })(),
        )
        await expect(storage.create('a', body, { contentType: 'text/plain' })).rejects.toThrow(
          'the source broke',
        )
        expect(await keysBelow(storage, '')).toEqual([])
        await put(storage, 'a', 'still free')
      })

      test('from a stream that failed before throws its error', async () => {
        const body = new PassThrough()
        body.on('error', () => {})
        body.destroy(new Error('broken from the start'))
        await expect(storage.create('a', body, { contentType: 'text/plain' })).rejects.toThrow(
          'broken from the start',
        )
      })

      test('stops at an abort with its reason, lets go of the stream and leaves nothing', async () => {
        const stop = new AbortController()
        const body = new PassThrough()
        body.write(pattern(300_000))
        const creating = storage.create('a', body, { contentType: 'text/plain', signal: stop.signal })
        stop.abort(new Error('changed our minds'))
        await expect(creating).rejects.toThrow('changed our minds')
        expect(body.destroyed).toBe(true)
        expect(await storage.stat('a')).toBeUndefined()
        await put(storage, 'a', 'still free')
      })

      test('40 MB holds only a small part of them in memory, and so does reading', async () => {
        const block = pattern(1_000_000)
        const before = heldMegabytes()
        let peak = 0
        const measure = () => {
          peak = Math.max(peak, heldMegabytes() - before)
        }
        async function* blocks() {
          for (let i = 0; i < 40; i++) {
            if (i % 8 === 7) measure()
            yield block
          }
        }
        const made = await storage.create('big', Readable.from(blocks()), { contentType: 'video/mp4' })
        expect(made.bytes).toBe(40_000_000)
        let read = 0
        let sound = true
        for await (const chunk of await storage.read('big')) {
          sound &&= chunk[0] === block[read % block.length]
          if (Math.floor((read + chunk.length) / 8e6) > Math.floor(read / 8e6)) measure()
          read += chunk.length
        }
        expect({ read, sound }).toEqual({ read: 40_000_000, sound: true })
        expect(peak).toBeLessThan(20)
      })
    })

    test('reading stops at an abort', async () => {
      await put(storage, 'a', pattern(2_000_000))
      const stop = new AbortController()
      const body = await storage.read('a', { signal: stop.signal })
      stop.abort()
      await expect(body.toArray()).rejects.toMatchObject({ name: 'AbortError' })
    })

    test('check says whether the store can be used', async () => {
      await storage.check()
      await store.faults?.outage()
      if (store.faults) await expect(storage.check()).rejects.toEqual(coded('storage.unavailable'))
    })

    test('a store that fails is unavailable, not empty', async () => {
      await store.faults?.outage()
      const attempts = [storage.stat('a'), get(storage, 'a'), put(storage, 'a', 'x'), keysBelow(storage, '')]
      for (const attempt of await Promise.allSettled(attempts)) {
        expect(attempt).toEqual({ status: 'rejected', reason: coded('storage.unavailable') })
      }
    })

    describeUploads(() => storage)
  })
}
