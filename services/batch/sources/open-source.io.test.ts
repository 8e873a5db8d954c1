import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { silentLogger } from '#shared/observability/logger.ts'
import type { ByteRange } from '#shared/storage/port.ts'
import { createSources, type Sources } from './open-source.ts'
import { type RangeServer, startRangeServer } from './range-server.ts'
import { startTestHost } from './testing/source-host.ts'

const MB = 1024 ** 2
const FILE = Buffer.alloc(12 * MB, 'x')
const requested: ByteRange[] = []
const never = new AbortController().signal

let rangeServer: RangeServer
let sources: Sources
beforeAll(async () => {
  rangeServer = await startRangeServer(silentLogger)
  sources = createSources({
    storage: {
      stat: async (key) => ({ key, bytes: FILE.length, contentType: 'video/mp4', generation: '1' }) as never,
      read: async (_key, { range } = {}) => {
        if (range) requested.push(range)
        return [FILE.subarray(range?.start, (range?.end ?? FILE.length) + 1)] as never
      },
    },
    limits: { allowHosts: [], maxBytes: 1e9, readTimeoutMs: 5000 },
    rangeServer,
    log: silentLogger,
  })
})
afterAll(async () => {
  await sources.close()
  await rangeServer.close()
})

const open = () => sources.open({ key: 'film' }, '/nowhere', never)
/** How many requests the storage received while these bytes were read. */
async function countRequests(url: string, bytes: number) {
  const before = requested.length
  const reply = await fetch(url, { headers: { range: `bytes=0-${bytes - 1}` } })
  expect((await reply.arrayBuffer()).byteLength).toBe(bytes)
  return requested.length - before
}

test('an object that the store keeps in a file is read from there, until it is removed', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'cutroom-objects-'))
  const path = join(dir, 'film')
  await writeFile(path, 'bytes')
  const local = createSources({
    storage: {
      stat: async (key) => ({ key, bytes: 5, contentType: 'video/mp4' }) as never,
      read: async () => Promise.reject(new Error('never')),
      filePath: async () => path,
    },
    limits: { allowHosts: [], maxBytes: 1e9, readTimeoutMs: 5000 },
    rangeServer,
    log: silentLogger,
  })
  await using source = await local.open({ key: 'film' }, '/nowhere', never)
  expect(source.input).toMatchObject({ url: `file:${path}`, file: path, version: { bytes: 5, tag: null } })
  expect(source.readError()).toBeUndefined()
  await rm(dir, { recursive: true })
  expect(source.readError()).toMatchObject({ code: 'storage.not_found' })
})

describe('sources whose hosts do not support range requests are copied', () => {
  const BYTES = 100_000
  async function copier(limits: { scratchBytes?: number; maxCopyBytes?: number }) {
    const host = await startTestHost((_, response) => response.end(Buffer.alloc(BYTES)))
    const scratchDir = await mkdtemp(join(tmpdir(), 'cutroom-copies-'))
    const copies = createSources({
      storage: { stat: async () => undefined, read: async () => Promise.reject(new Error('never')) },
      limits: { allowHosts: [host.hostPort], maxBytes: 10 * BYTES, readTimeoutMs: 5000, ...limits },
      rangeServer,
      log: silentLogger,
    })
    return {
      open: (dir = scratchDir) => copies.open({ url: `${host.origin}/film` }, dir, never),
      files: () => readdir(scratchDir),
      async [Symbol.asyncDispose]() {
        await Promise.all([copies.close(), host.close(), rm(scratchDir, { recursive: true, force: true })])
      },
    }
  }

  test('for a dry run, while all copies together stay small: a job may copy more', async () => {
    await using copies = await copier({ maxCopyBytes: 2 * BYTES })
    const first = await copies.open()
    await copies.open()
    await expect(copies.open()).rejects.toMatchObject({ code: 'source.unavailable' })
    expect(await copies.files()).toHaveLength(2)
    await first.close()
    await copies.open()
  })

  test('for a job, while all copies together fit into its scratch space', async () => {
    await using copies = await copier({ scratchBytes: 2.5 * BYTES })
    const opened = await Promise.allSettled([copies.open(), copies.open(), copies.open()])
    expect(opened.filter(({ status }) => status === 'fulfilled')).toHaveLength(2)
    expect(opened.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'source.too_large', message: expect.stringContaining('together') },
    })
  })

  test('independently of what other jobs copy', async () => {
    await using copies = await copier({ scratchBytes: BYTES })
    const elsewhere = await mkdtemp(join(tmpdir(), 'cutroom-other-'))
    await copies.open()
    await copies.open(elsewhere)
    expect(await readdir(elsewhere)).toHaveLength(1)
    await rm(elsewhere, { recursive: true })
  })
})

test('a source evicts cached blocks when others are opened, and caches more once they are closed', async () => {
  await using first = await open()
  expect(await countRequests(first.input.url, 10 * MB)).toBeGreaterThan(0)
  expect(await countRequests(first.input.url, 10 * MB)).toBe(0)
  const others = await Promise.all(Array.from({ length: 19 }, open))
  expect(await countRequests(first.input.url, 10 * MB)).toBeGreaterThan(20)
  expect(await countRequests(first.input.url, 10 * MB)).toBeGreaterThan(20)
  for (const other of others) await other.close()
  await countRequests(first.input.url, 10 * MB)
  expect(await countRequests(first.input.url, 10 * MB)).toBe(0)
})
