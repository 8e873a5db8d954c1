import { createReadStream } from 'node:fs'
import { mkdir, stat } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { Recipe } from '#shared/contract/recipe.ts'
import { silentLogger } from '#shared/observability/logger.ts'
import type { Storage } from '#shared/storage/port.ts'
import type { JobResult } from '#shared/tasks/graph/complete-job.ts'
import type { Claim } from '#shared/tasks/rows.ts'
import type { PlannedPiece } from '../../media/plan/chunks/pieces.ts'
import { fileInput } from '../../media/probe/media-input.ts'
import { anUpload, type MediaWorkspace, openMediaWorkspace } from '../../media/testing/media-workspace.ts'
import { createSources, type Sources } from '../../sources/open-source.ts'
import { type RangeServer, startRangeServer } from '../../sources/range-server.ts'
import { claim } from '../testing/fakes.ts'
import { stitch } from './stitch.ts'
import { piecesOf, type StoredPiece } from './stored-pieces.ts'
import type { Attempt } from './work.ts'

const MB = 1024 ** 2
/** Of each source; the film is divided into chunks of two seconds. */
const SECONDS = 4
const SOURCES = 16

let workspace: MediaWorkspace
let rangeServer: RangeServer
let sources: Sources
let film: Awaited<ReturnType<typeof divideNoise>>
beforeAll(async () => {
  workspace = await openMediaWorkspace({}, { threads: 1 })
  rangeServer = await startRangeServer(silentLogger)
  sources = createSources({
    storage,
    limits: { allowHosts: [], maxBytes: 1e9, readTimeoutMs: 10_000 },
    rangeServer,
    log: silentLogger,
  })
  film = await divideNoise()
}, 120_000)
afterAll(async () => {
  await sources.close()
  await rangeServer.close()
  await workspace.clips.remove()
})

/** Bytes of the objects that were created. */
const stored: number[] = []

/** Storage whose keys are paths. */
const storage = {
  stat: async (key: string) => ({
    key,
    bytes: (await stat(key)).size,
    contentType: '',
    crc32c: '',
    createdAt: new Date(),
  }),
  read: async (key: string, { range }: Parameters<Storage['read']>[1] = {}) =>
    createReadStream(key, range) as Readable,
  async create(_: string, body: Readable) {
    let bytes = 0
    for await (const chunk of body) bytes += chunk.length
    stored.push(bytes)
  },
} as unknown as Storage

/** A film of noise in chunks of two seconds, of which one is encoded and stands for all. */
async function divideNoise() {
  const { clips, engine, newDir } = workspace
  const noise = ['-vf', 'noise=alls=100:allf=t', '-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '5']
  const clip = await clips.clip({ size: '640x360', seconds: SECONDS, fps: 10, options: noise })
  const recipe = Recipe.parse({
    sources: Array.from({ length: SOURCES }, () => anUpload(0)),
    output: { format: 'mp4', crf: 1 },
  })
  const files = { sources: recipe.sources.map(() => fileInput(clip)), images: {} }
  const options = async () => ({ outputDir: await newDir(), signal: new AbortController().signal })
  const divide = { seconds: 1e-6, cores: 1, threads: 1 }
  const { expansion } = await engine.render(recipe, files, { ...(await options()), divide })
  if (!expansion) throw new Error('The render was not divided.')
  const task = { recipe, plan: JSON.parse(JSON.stringify(expansion.plan)) }
  const range = expansion.plan.ranges[0] ?? { from: 0, to: 0 }
  const chunk = await storePieces(await engine.renderChunk(task, range, files, await options()))
  const audio = await storePieces(await engine.encodeAudio(task, undefined, files, await options()))
  const results: JobResult[] = [
    { kind: 'audio', params: {}, result: { pieces: audio } },
    ...expansion.plan.ranges.map(
      (each): JobResult => ({ kind: 'chunk', params: { range: each }, result: { pieces: chunk } }),
    ),
  ]
  return { task, results }
}

const storePieces = (pieces: PlannedPiece[]): Promise<StoredPiece[]> =>
  Promise.all(pieces.map(async ({ piece, path }) => ({ piece, key: path, bytes: (await stat(path)).size })))

/** The most memory that this process takes beyond what it takes now, while `work` goes on. */
async function memoryOf(work: () => Promise<unknown>): Promise<number> {
  const before = process.memoryUsage.rss()
  let peak = before
  const sampling = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss())
  }, 10)
  await work().finally(() => clearInterval(sampling))
  return peak - before
}

test('hundreds of megabytes are joined and stored without being held in memory', async () => {
  const { task, results } = film
  const dir = await workspace.newDir()
  const outputDir = `${dir}/out`
  await mkdir(outputDir)
  const attempt = {
    claim: { ...claim, kind: 'stitch', recipe: task.recipe, plan: task.plan } satisfies Claim,
    deps: {
      jobs: { results: async () => results, finish: async () => true },
      storage,
      sources,
      destinations: { reveal: async () => undefined },
      media: workspace.engine,
      log: silentLogger,
    },
    workspace: { dir, outputDir },
    signal: new AbortController().signal,
    onProgress: () => {},
  } as unknown as Attempt
  const growth = await memoryOf(async () => (await stitch(attempt)).record())
  expect(stored[0]).toBeGreaterThan(200 * MB)
  expect(growth).toBeLessThan(150 * MB)
})

test('it is put off when the scratch space cannot hold the result', async () => {
  const { task, results } = film
  const pieces = piecesOf(results).map(({ piece, key }) => ({
    piece,
    input: { ...fileInput(key), version: { bytes: 1e15, tag: null } },
  }))
  const options = { outputDir: await workspace.newDir(), signal: new AbortController().signal }
  await expect(workspace.engine.stitch(task, pieces, new Map(), options)).rejects.toMatchObject({
    code: 'media.no_free_space',
  })
})
