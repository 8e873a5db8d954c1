import { PassThrough, Readable } from 'node:stream'
import { describe, expect, test } from '@jest/globals'
import type { Storage } from '../port.ts'
import { coded, get, heldMegabytes, keysBelow, pattern, put, streamOf } from './contract-kit.ts'

/** The promises of Storage.create; part of storageContract. */
export function objectCreationContract(theStorage: () => Storage): void {
  describe('creating', () => {
    test('under a taken key fails and changes nothing', async () => {
      await put(theStorage(), 'a', 'first')
      await expect(put(theStorage(), 'a', 'second')).rejects.toEqual(coded('storage.exists'))
      expect((await get(theStorage(), 'a')).toString()).toBe('first')
    })

    test('concurrently under one key lets exactly one caller win', async () => {
      const bodies = Array.from({ length: 6 }, (_, seed) => pattern(50_000, seed + 1))
      const results = await Promise.allSettled(bodies.map((body) => put(theStorage(), 'a', body)))
      const winners = results.flatMap(({ status }, i) => (status === 'fulfilled' ? [i] : []))
      expect(winners).toHaveLength(1)
      for (const result of results) {
        if (result.status === 'rejected') expect(result.reason).toEqual(coded('storage.exists'))
      }
      expect(await get(theStorage(), 'a')).toEqual(bodies[winners[0] ?? -1])
    })

    test('more than maxBytes is rejected and leaves nothing behind', async () => {
      const options = { contentType: 'text/plain', maxBytes: 10 }
      await expect(theStorage().create('a', streamOf('01234567890'), options)).rejects.toEqual(
        coded('request.too_large'),
      )
      expect(await keysBelow(theStorage(), '')).toEqual([])
      expect(await theStorage().create('a', streamOf('0123456789'), options)).toMatchObject({ bytes: 10 })
    })

    test('from a stream that fails throws its error and leaves nothing behind', async () => {
      const body = Readable.from(
        (async function* () {
          yield pattern(300_000)
          throw new Error('the source broke')
        })(),
      )
      await expect(theStorage().create('a', body, { contentType: 'text/plain' })).rejects.toThrow(
        'the source broke',
      )
      expect(await keysBelow(theStorage(), '')).toEqual([])
      await put(theStorage(), 'a', 'still free')
    })

    test('from a stream that has already failed throws its error', async () => {
      const body = new PassThrough()
      body.on('error', () => {})
      body.destroy(new Error('broken from the start'))
      await expect(theStorage().create('a', body, { contentType: 'text/plain' })).rejects.toThrow(
        'broken from the start',
      )
    })

    test('stops at an abort with its reason, destroys the stream and leaves nothing behind', async () => {
      const stop = new AbortController()
      const body = new PassThrough()
      body.write(pattern(300_000))
      const creating = theStorage().create('a', body, { contentType: 'text/plain', signal: stop.signal })
      stop.abort(new Error('no longer needed'))
      await expect(creating).rejects.toThrow('no longer needed')
      expect(body.destroyed).toBe(true)
      expect(await theStorage().stat('a')).toBeUndefined()
      await put(theStorage(), 'a', 'still free')
    })

    test('100 MB keeps only a small part of it in memory, and so does reading', async () => {
      const block = pattern(100_000)
      const before = heldMegabytes()
      let peak = 0
      const measure = () => {
        peak = Math.max(peak, heldMegabytes() - before)
      }
      async function* blocks() {
        for (let i = 0; i < 1000; i++) {
          if (i % 100 === 99) measure()
          yield Buffer.from(block)
        }
      }
      const created = await theStorage().create('big', Readable.from(blocks()), { contentType: 'video/mp4' })
      expect(created.bytes).toBe(100_000_000)
      let read = 0
      let intact = true
      for await (const chunk of await theStorage().read('big')) {
        intact &&= chunk[0] === block[read % block.length]
        if (Math.floor((read + chunk.length) / 8e6) > Math.floor(read / 8e6)) measure()
        read += chunk.length
      }
      expect({ read, intact }).toEqual({ read: 100_000_000, intact: true })
      // Google's library keeps two of its 8.4 MB chunks: the one being sent, and the next one being filled.
      expect(peak).toBeLessThan(20)
    }, 60_000)
  })
}
