import { createReadStream } from 'node:fs'
import { mkdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createMediaEngine } from '#batch/media/engine.ts'
import { createSources } from '#batch/sources/open-source.ts'
import { startRangeServer } from '#batch/sources/range-server.ts'
import { startTestHost, type TestHost } from '#batch/sources/testing/source-host.ts'
import { parseRange } from '#shared/http/byte-ranges.ts'
import { silentLogger } from '#shared/observability/logger.ts'
import { ffmpeg } from '#test/clips.ts'
import { FULL_HD, generateClip, openScratch } from './clips.ts'
import { type BenchOptions, fixed, interleave, median, pairwiseRatio, type Report } from './harness.ts'
import { mediaSettings, reel } from './plan-reel.ts'

const HOUR = 3600
const SECONDS = 18

/** Bytes and time for 18 s of an hour read through the guarded reader, compared with 18 s of a half-minute clip. */
export async function ranged({ rounds = 5, clip }: BenchOptions): Promise<Report> {
  await using scratch = await openScratch()
  await using started = new AsyncDisposableStack()
  const { dir } = scratch
  const short = clip ?? (await generateClip(dir, 'short', FULL_HD))
  const long = join(dir, 'long.mp4')
  await ffmpeg(['-stream_loop', '-1', '-i', short, '-c', 'copy', '-t', String(HOUR), long])
  const size = (await stat(long)).size
  const host = await startFileHost({ '/short.mp4': short, '/long.mp4': long })
  started.defer(() => host.close())
  const rangeServer = await startRangeServer(silentLogger)
  started.defer(() => rangeServer.close())
  const sources = createSources({
    storage: { stat: async () => undefined, read: () => Promise.reject(new Error('The storage is empty.')) },
    limits: { allowHosts: [host.hostPort], maxBytes: 20 * 1024 ** 3, readTimeoutMs: 30_000 },
    rangeServer,
    log: silentLogger,
  })
  started.defer(() => sources.close())
  const engine = createMediaEngine(mediaSettings(), silentLogger)

  async function trim(path: string, start: number) {
    const outputDir = join(dir, 'out')
    await mkdir(outputDir)
    const began = performance.now()
    const source = await sources.open({ url: `${host.origin}${path}` }, dir, AbortSignal.timeout(120_000))
    const recipe = reel()
    for (const each of recipe.sources) each.trim = { start, duration: SECONDS, at_most: false }
    const options = { outputDir, signal: AbortSignal.timeout(120_000) }
    await engine.render(recipe, { sources: [source.input], images: {} }, options)
    await source.close()
    const wallS = (performance.now() - began) / 1000
    await rm(outputDir, { recursive: true })
    return { wallS, bytes: source.bytesRead() }
  }

  const middle = HOUR / 2
  const found = await interleave(
    {
      'half a minute': () => trim('/short.mp4', 6),
      'an hour, from its start': () => trim('/long.mp4', 0),
      'an hour, from its middle': () => trim('/long.mp4', middle),
      'an hour, from its end': () => trim('/long.mp4', HOUR - SECONDS - 2),
    },
    { rounds, warmUps: 1 },
  )
  const base = found['half a minute'].map(({ wallS }) => wallS)
  const figures = Object.entries(found).map(([what, runs], index) => {
    const walls = runs.map(({ wallS }) => wallS)
    const bytes = median(runs.map((each) => each.bytes))
    const share = index === 0 ? Number.NaN : (100 * bytes) / size
    return { what, wall: median(walls), ratio: pairwiseRatio(walls, base), bytes, share }
  })
  return {
    title: 'Ranged reading',
    notes: [
      `The preset reel of ${SECONDS} s of an hour of 1080p (${fixed(size / 1e6)} MB, index at the end), read from a ` +
        'loopback host through the guarded reader, probes and checks included; and the same of a 30 s clip. ' +
        `${rounds} interleaved rounds.`,
    ],
    tables: [
      {
        head: ['source', 'wall s', 'ratio to the short clip', 'MB read', '% of the file'],
        rows: figures.map(({ what, wall, ratio, bytes, share }) => [
          what,
          fixed(wall),
          fixed(ratio),
          fixed(bytes / 1e6),
          Number.isNaN(share) ? '–' : fixed(share),
        ]),
      },
    ],
    targets: figures.slice(1).flatMap(({ what, ratio, share }) => [
      { what: `${what}: % of the bytes`, measured: share, bound: 'at most' as const, limit: 1.5 },
      {
        what: `${what}: wall, ratio to the short clip`,
        measured: ratio,
        bound: 'at most' as const,
        limit: 1.5,
      },
    ]),
  }
}

/** A loopback host that serves ranges of files, which may be larger than memory. */
async function startFileHost(files: Record<string, string>): Promise<TestHost> {
  return startTestHost(async (request, response) => {
    const path = files[request.url ?? '']
    const size = path ? (await stat(path)).size : 0
    const requested = parseRange(request.headers.range, size)
    if (!path || requested === 'unsatisfiable') return response.writeHead(404).end()
    const range = requested === 'whole' ? { start: 0, end: size - 1 } : requested
    response.writeHead(requested === 'whole' ? 200 : 206, {
      'content-length': range.end - range.start + 1,
      'content-range': `bytes ${range.start}-${range.end}/${size}`,
      etag: '"one"',
    })
    await pipeline(createReadStream(path, range), response).catch(() => undefined)
  })
}
