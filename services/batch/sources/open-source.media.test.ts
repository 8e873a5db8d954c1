import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { mkdtemp, open, rm, stat } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { parseRange } from '#shared/http/byte-ranges.ts'
import { silentLogger } from '#shared/observability/logger.ts'
import { createSources, type OpenedSource, type Sources } from './open-source.ts'
import { type RangeServer, startRangeServer } from './range-server.ts'

const run = promisify(execFile)
const MIDDLE = ['-ss', '310', '-t', '5']

let dir: string
let clip: string
let size: number
let host: Server
let base: string
let rangeServer: RangeServer
let sources: Sources

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'cutroom-sources-'))
  clip = await makeLongClip(dir)
  size = (await stat(clip)).size
  host = createServer((request, response) => {
    const requested = request.url === '/no-ranges' ? 'whole' : parseRange(request.headers.range, size)
    const cut = request.url === '/breaks-off' ? size / 2 : Number.POSITIVE_INFINITY
    if (requested === 'whole' || requested === 'unsatisfiable') {
      response.writeHead(200, { 'content-length': size })
      createReadStream(clip).pipe(response)
    } else if (requested.end > cut && requested.start > 0 && requested.start < cut) {
      response.destroy()
    } else {
      response.writeHead(206, {
        'content-range': `bytes ${requested.start}-${requested.end}/${size}`,
        'content-length': requested.end - requested.start + 1,
      })
      createReadStream(clip, requested)
        .on('error', () => response.destroy())
        .pipe(response)
    }
  })
  host.listen(0, '127.0.0.1')
  await once(host, 'listening')
  base = `http://127.0.0.1:${(host.address() as AddressInfo).port}`
  rangeServer = await startRangeServer(silentLogger)
  sources = createSources({
    storage: {
      stat: async (key) => ({
        key,
        bytes: size,
        contentType: 'video/mp4',
        crc32c: '',
        createdAt: new Date(),
      }),
      read: async (_, options) => createReadStream(clip, options?.range) as Readable,
    },
    limits: { allowHosts: [base.slice('http://'.length)], maxBytes: size, readTimeoutMs: 5000 },
    rangeServer,
    log: silentLogger,
  })
}, 60_000)

afterAll(async () => {
  await sources.close()
  await rangeServer.close()
  host.close()
  host.closeAllConnections()
  await rm(dir, { recursive: true })
})

const openUrl = (path: string) => sources.open({ url: `${base}${path}` }, dir, AbortSignal.timeout(60_000))

/** Frame hashes of five seconds from the middle: the same bytes give the same hashes. */
async function cutMiddle({ url, inputOptions }: { url: string; inputOptions: string[] }) {
  const { stdout } = await run('ffmpeg', [
    ...['-nostdin', '-hide_banner', '-loglevel', 'error'],
    ...inputOptions,
    ...MIDDLE,
    ...['-i', url, '-c', 'copy', '-f', 'framemd5', '-'],
  ])
  return stdout
}

async function withSource(opened: OpenedSource, check: (source: OpenedSource) => Promise<void>) {
  await using source = opened
  await check(source)
}

test('cutting from the middle of a long file reads a small share of it, including the index at its end', async () => {
  const expected = await cutMiddle({ url: clip, inputOptions: [] })
  await withSource(await openUrl('/long.mp4'), async (source) => {
    expect(await cutMiddle(source.input)).toBe(expected)
    expect(source.readError()).toBeUndefined()
    expect(source.bytesRead() / size).toBeLessThan(0.2)
  })
}, 60_000)

test('later probes hardly request again what the first has read', async () => {
  await withSource(await openUrl('/long.mp4'), async (source) => {
    const probe = () => run('ffprobe', ['-v', 'error', ...source.input.inputOptions, '-i', source.input.url])
    const bytesOfProbes: number[] = []
    for (let i = 0; i < 30; i++) {
      const before = source.bytesRead()
      await probe()
      bytesOfProbes.push(source.bytesRead() - before)
    }
    // Each probe ends with blocks requested ahead that nobody waits for; their number depends on timing.
    const [first = 0, ...later] = bytesOfProbes
    expect(later.reduce((sum, bytes) => sum + bytes, 0) / later.length).toBeLessThan(first / 4)
  })
}, 60_000)

test('an object in storage is read in ranges, too', async () => {
  const expected = await cutMiddle({ url: clip, inputOptions: [] })
  await withSource(
    await sources.open({ key: 'uploads/a' }, dir, AbortSignal.timeout(60_000)),
    async (source) => {
      expect(await cutMiddle(source.input)).toBe(expected)
      expect(source.bytesRead() / size).toBeLessThan(0.2)
    },
  )
}, 60_000)

test('a source without range requests is copied once and read from the file', async () => {
  const expected = await cutMiddle({ url: clip, inputOptions: [] })
  const source = await openUrl('/no-ranges')
  expect(source.input.inputOptions).toEqual(['-protocol_whitelist', 'file'])
  expect(await cutMiddle(source.input)).toBe(expected)
  expect(source.bytesRead()).toBe(size)
  await source.close()
  await expect(stat(source.input.url.slice('file:'.length))).rejects.toThrow('ENOENT')
}, 60_000)

test('a source that breaks off half way has a read error, however ffmpeg exits', async () => {
  await withSource(await openUrl('/breaks-off'), async (source) => {
    await run('ffmpeg', [
      ...['-nostdin', '-loglevel', 'quiet', ...source.input.inputOptions, '-i', source.input.url],
      ...['-c', 'copy', '-f', 'null', '-'],
    ]).catch(() => undefined)
    expect(source.readError()).toMatchObject({ code: 'source.unavailable' })
  })
}, 60_000)

/** Ten minutes of video and audio with the index at the end, looped from four seconds. */
async function makeLongClip(into: string): Promise<string> {
  const short = join(into, 'short.mp4')
  const long = join(into, 'long.mp4')
  await run('ffmpeg', [
    ...['-nostdin', '-loglevel', 'error', '-y'],
    ...['-f', 'lavfi', '-i', 'testsrc2=s=640x360:r=25:d=4', '-f', 'lavfi', '-i', 'anoisesrc=d=4:r=48000'],
    ...[
      '-c:v',
      'libx264',
      '-preset',
      'ultrafast',
      '-g',
      '50',
      '-b:v',
      '1M',
      '-c:a',
      'aac',
      '-shortest',
      short,
    ],
  ])
  await run('ffmpeg', [
    ...['-nostdin', '-loglevel', 'error', '-y', '-stream_loop', '150', '-i', short, '-t', '600'],
    ...['-c', 'copy', long],
  ])
  const head = await open(long)
  const { buffer } = await head.read(Buffer.alloc(64), 0, 64, 0)
  await head.close()
  if (buffer.includes('moov')) throw new Error('The index of the test clip must be at its end.')
  return long
}
