import { describe, expect, test } from '@jest/globals'
import { UPLOAD_CHUNK_MULTIPLE as CHUNK } from '../content-range.ts'
import type { Storage } from '../port.ts'
import { get, keysBelow, pattern, put } from './contract-kit.ts'

/** Sends a PUT as any client would, knowing only the target's URL. */
async function send(url: string, body: Buffer | string, contentRange?: string) {
  const headers = contentRange ? { 'content-range': contentRange } : {}
  const reply = await fetch(url, { method: 'PUT', body: new Uint8Array(Buffer.from(body)), headers })
  await reply.arrayBuffer()
  return { ok: reply.ok, status: reply.status, range: reply.headers.get('range') }
}

/** The promises of upload targets; part of storageContract. */
export function uploadsContract(theStorage: () => Storage): void {
  describe('an upload target', () => {
    const key = 'in/source.mp4'
    const bytes = pattern(2 * CHUNK + 1000)
    const open = () =>
      theStorage().uploadTarget(key, {
        contentType: 'video/mp4',
        maxBytes: 4 * CHUNK,
        expiresInSeconds: 600,
      })

    test('says how to upload, and until when', async () => {
      const { method, url, expiresAt } = await open()
      expect(method).toBe('PUT')
      expect(url).toMatch(/^http:\/\/(localhost|127\.0\.0\.1):\d+\//)
      expect(expiresAt.getTime()).toBeGreaterThan(Date.now() + 590_000)
    })

    test('accepts everything in one PUT', async () => {
      const { url } = await open()
      expect(await send(url, bytes)).toMatchObject({ ok: true })
      expect(await theStorage().stat(key)).toMatchObject({ bytes: bytes.length, contentType: 'video/mp4' })
      expect(bytes.equals(await get(theStorage(), key))).toBe(true)
    })

    test('accepts an empty object', async () => {
      const { url } = await open()
      expect(await send(url, '')).toMatchObject({ ok: true })
      expect(await theStorage().stat(key)).toMatchObject({ bytes: 0, crc32c: 'AAAAAA==' })
    })

    test('accepts chunks, and the object appears with the last one', async () => {
      const { url } = await open()
      const total = bytes.length
      const [a, b] = [bytes.subarray(0, CHUNK), bytes.subarray(CHUNK)]
      expect(await send(url, a, `bytes 0-${CHUNK - 1}/${total}`)).toMatchObject({
        status: 308,
        range: `bytes=0-${CHUNK - 1}`,
      })
      expect(await keysBelow(theStorage(), '')).toEqual([])
      expect(await send(url, b, `bytes ${CHUNK}-${total - 1}/${total}`)).toMatchObject({ ok: true })
      expect(bytes.equals(await get(theStorage(), key))).toBe(true)
      await put(theStorage(), 'same', bytes)
      expect((await theStorage().stat(key))?.crc32c).toBe((await theStorage().stat('same'))?.crc32c)
    })

    test('accepts chunks when the total size is known only at the end', async () => {
      const { url } = await open()
      await send(url, bytes.subarray(0, CHUNK), `bytes 0-${CHUNK - 1}/*`)
      const last = `bytes ${CHUNK}-${bytes.length - 1}/${bytes.length}`
      expect(await send(url, bytes.subarray(CHUNK), last)).toMatchObject({ ok: true })
      expect(bytes.equals(await get(theStorage(), key))).toBe(true)
    })

    test('answers a status check with the bytes received', async () => {
      const { url } = await open()
      const total = bytes.length
      expect(await send(url, '', `bytes */${total}`)).toMatchObject({ status: 308, range: null })
      await send(url, bytes.subarray(0, CHUNK), `bytes 0-${CHUNK - 1}/${total}`)
      expect(await send(url, '', `bytes */${total}`)).toMatchObject({
        status: 308,
        range: `bytes=0-${CHUNK - 1}`,
      })
      await send(url, bytes.subarray(CHUNK), `bytes ${CHUNK}-${total - 1}/${total}`)
      expect(await send(url, '', `bytes */${total}`)).toMatchObject({ ok: true })
    })

    test('accepts a repeated chunk once', async () => {
      const { url } = await open()
      const total = bytes.length
      await send(url, bytes.subarray(0, CHUNK), `bytes 0-${CHUNK - 1}/${total}`)
      const repeated = await send(url, bytes.subarray(0, CHUNK), `bytes 0-${CHUNK - 1}/${total}`)
      expect(repeated).toMatchObject({ status: 308, range: `bytes=0-${CHUNK - 1}` })
      await send(url, bytes.subarray(CHUNK), `bytes ${CHUNK}-${total - 1}/${total}`)
      expect(bytes.equals(await get(theStorage(), key))).toBe(true)
    })

    test.each([
      ['a gap', bytes.subarray(CHUNK), `bytes ${CHUNK}-${bytes.length - 1}/${bytes.length}`],
      ['a chunk of another size in the middle', bytes.subarray(0, 1000), `bytes 0-999/${bytes.length}`],
      ['a range that does not match the body', bytes.subarray(0, 1000), 'bytes 0-499/500'],
      ['an unreadable range', bytes.subarray(0, 1000), 'bytes of mine'],
    ])('rejects %s', async (_, body, contentRange) => {
      const { url } = await open()
      const { status } = await send(url, body, contentRange)
      expect({ status, kept: await keysBelow(theStorage(), '') }).toEqual({ status: 400, kept: [] })
      expect(await send(url, '', `bytes */${bytes.length}`)).toMatchObject({ status: 308, range: null })
    })

    test('keeps the first object when it is used again', async () => {
      const { url } = await open()
      await send(url, bytes)
      await send(url, 'something else')
      expect(bytes.equals(await get(theStorage(), key))).toBe(true)
    })

    test('of a taken key returns an error and changes nothing', async () => {
      const { url } = await open()
      await put(theStorage(), key, 'first')
      const { status } = await send(url, bytes)
      expect([409, 412]).toContain(status)
      expect((await get(theStorage(), key)).toString()).toBe('first')
    })
  })
}
