import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { silentLogger } from '#shared/logger.ts'
import type { ByteRange } from '#shared/storage/port.ts'
import { createSources, type Sources } from './open-source.ts'
import { type RangeServer, startRangeServer } from './range-server.ts'

const MB = 1024 ** 2
const FILE = Buffer.alloc(12 * MB, 'x')
const asked: ByteRange[] = []
const never = new AbortController().signal

let rangeServer: RangeServer
let sources: Sources
beforeAll(async () => {
  rangeServer = await startRangeServer(silentLogger)
  sources = createSources({
    storage: {
      stat: async (key) => ({ key, bytes: FILE.length, contentType: 'video/mp4', generation: '1' }) as never,
      read: async (_key, { range } = {}) => {
        if (range) asked.push(range)
        return [FILE.subarray(range?.start, (range?.end ?? FILE.length) + 1)] as never
      },
    },
    limits: { allowHosts: [], maxBytes: 1e9, silenceMs: 5000 },
    rangeServer,
    log: silentLogger,
  })
})
afterAll(async () => {
  await sources.close()
  await rangeServer.close()
})

const open = () => sources.open({ key: 'film' }, '/nowhere', never)
/** How often the store was asked while these bytes were read. */
async function askedFor(url: string, bytes: number) {
  const before = asked.length
  const reply = await fetch(url, { headers: { range: `bytes=0-${bytes - 1}` } })
  expect((await reply.arrayBuffer()).byteLength).toBe(bytes)
  return asked.length - before
}

test('a source forgets what it has read for others that are opened besides, and keeps more when they are closed', async () => {
  await using first = await open()
  expect(await askedFor(first.input.url, 10 * MB)).toBeGreaterThan(0)
  expect(await askedFor(first.input.url, 10 * MB)).toBe(0)
  const others = await Promise.all(Array.from({ length: 19 }, open))
  expect(await askedFor(first.input.url, 10 * MB)).toBeGreaterThan(20)
  expect(await askedFor(first.input.url, 10 * MB)).toBeGreaterThan(20)
  for (const other of others) await other.close()
  await askedFor(first.input.url, 10 * MB)
  expect(await askedFor(first.input.url, 10 * MB)).toBe(0)
})
