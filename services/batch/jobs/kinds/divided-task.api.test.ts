import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { silentLogger } from '#shared/observability/logger.ts'
import { openTestWeb, type TestUser, type TestWeb } from '#test/web-app.ts'
import type { TaskPlan } from '../../media/chunks/types.ts'
import { WITHOUT_STREAMS } from '../../media/execute/check-output.ts'
import { aMedium } from '../../media/testing/fixtures.ts'
import type { MediaFiles, RenderedFile, RenderOptions } from '../../media/types.ts'
import { createSources, type Sources } from '../../sources/open-source.ts'
import { type RangeServer, startRangeServer } from '../../sources/range-server.ts'
import { answerWith, startTestHost, type TestHost } from '../../sources/testing/source-host.ts'
import type { JobDeps } from '../job-deps.ts'
import { processJob } from '../process-job.ts'
import { renderOnly } from '../testing/fakes.ts'
import { jobDeps } from '../testing/job-deps.ts'

const log = silentLogger

let web: TestWeb
let ada: TestUser
let host: TestHost
/** What the host serves: a file and its ETag, or undefined when it is away. */
let served: { data: Buffer; etag: string } | undefined
let rangeServer: RangeServer
let sources: Sources
let scratchDir: string
beforeAll(async () => {
  host = await startTestHost((request, response) => {
    if (!served) return void response.writeHead(503).end()
    answerWith(served.data, request, response, { etag: served.etag })
  })
  web = await openTestWeb({ env: { SOURCE_ALLOW_HOSTS: host.hostPort } })
  ada = await web.signUp()
  rangeServer = await startRangeServer(log)
  sources = createSources({ storage: web.storage, limits: web.config.sources, rangeServer, log })
  scratchDir = await mkdtemp(join(tmpdir(), 'cutroom-divided-'))
})
afterEach(() => web.database.query('DELETE FROM tasks'))
afterAll(async () => {
  await sources.close()
  await rangeServer.close()
  await web.close()
  await host.close()
  await rm(scratchDir, { recursive: true })
})

const ranges = [0, 1, 2].map((from) => ({ from, to: from + 1 }))

/** An engine that divides every render into three chunks, and makes a file of zeros of everything. */
function dividing(): JobDeps['media'] {
  const planOf = ({ sources }: MediaFiles) =>
    ({
      sources: sources.map(() => ({ info: aMedium({ duration: 3 }) })),
      versions: sources.map(({ version }) => version ?? null),
    }) as TaskPlan
  return {
    ...renderOnly(async (_, files) => ({
      sources: [],
      outputs: [],
      expansion: {
        plan: planOf(files),
        jobs: [
          ...ranges.map((range) => ({ kind: 'chunk' as const, params: { range }, weight: 1, unblocks: 3 })),
          { kind: 'stitch', params: {}, weight: 1, unblocks: null },
        ],
      },
    })),
    sourcesOfChunk: () => [0],
    renderChunk: async (_, __, files, { outputDir }) => {
      for (const { url } of files.sources) await (await fetch(url)).arrayBuffer()
      const path = await fileIn(outputDir, 'video-0')
      return [{ piece: { kind: 'video', output: 0, part: 0, frames: 1 }, path, contentType: 'video/mp4' }]
    },
    stitch: async (_, pieces, __, { outputDir }: RenderOptions) => {
      expect(pieces).toHaveLength(ranges.length)
      return { files: [await outputIn(outputDir)], finished: [], order: ['output.mp4'] }
    },
  }
}

async function fileIn(dir: string, name: string): Promise<string> {
  const path = join(dir, name)
  await writeFile(path, Buffer.alloc(16))
  return path
}

const outputIn = async (dir: string): Promise<RenderedFile> => ({
  ...WITHOUT_STREAMS,
  ...{ name: 'output.mp4', path: await fileIn(dir, 'output.mp4'), content_type: 'video/mp4', bytes: 16 },
})

/** A worker that claims whatever is due, now or later. */
function startWorker(build = 'ffmpeg 7.1', media = dividing()) {
  const opened = { open: async () => ({ input: {}, close: async () => {} }) as never }
  const deps: JobDeps = {
    ...jobDeps(web, { media, sources, scratchDir, log }),
    build,
    // Pieces are opened in the storage, which only counts bytes here.
    sources: {
      waitedMs: () => 0,
      open: (origin, ...rest) => ('key' in origin ? opened.open() : sources.open(origin, ...rest)),
    },
  }
  return async () => {
    await web.database.query('UPDATE jobs SET run_after = now() WHERE run_after > now() AND waits_for = 0')
    return processJob(undefined, deps, new AbortController().signal)
  }
}

const create = async () => (await web.createTask(ada, { sources: [{ url: `${host.origin}/film` }] })).id
const find = async (id: string) =>
  (await web.agent.get(`/tasks/${id}`).set('Authorization', web.bearer(ada)).expect(200)).body
const jobsOf = (id: string) =>
  web.database.query<{ kind: string; status: string; attempt: number }>(
    'SELECT kind, status, attempt FROM jobs WHERE task_id = $1 ORDER BY created_at, kind DESC',
    [id],
  )

/** Works until nothing is left to claim, for so many jobs at most; returns the outcomes. */
async function workOff(work: () => Promise<string>): Promise<string[]> {
  const outcomes: string[] = []
  while (outcomes.length < 50 && outcomes.at(-1) !== 'none') outcomes.push(await work())
  return outcomes.slice(0, -1)
}

test('a divided task is worked off job by job', async () => {
  served = { data: Buffer.from('a film'), etag: '"1"' }
  const id = await create()
  expect(await workOff(startWorker())).toEqual(['done', 'done', 'done', 'done', 'done'])
  expect(await find(id)).toMatchObject({ status: 'succeeded', outputs: [{ name: 'output.mp4', bytes: 16 }] })
})

test('what chunks lack of their sources is a warning of the task', async () => {
  served = { data: Buffer.from('a film'), etag: '"1"' }
  const id = await create()
  const media: JobDeps['media'] = {
    ...dividing(),
    renderChunk: (task, range, files, options) => {
      const damaged = { source: 0, kind: 'video' as const, from: range.from + 0.5, to: range.from + 1 }
      if (range.from > 0) options.onMissing?.(damaged)
      return dividing().renderChunk(task, range, files, options)
    },
  }
  await workOff(startWorker('ffmpeg 7.1', media))
  const { status, sources } = await find(id)
  expect(status).toBe('succeeded')
  expect(sources[0]).toMatchObject({
    duration: 3,
    warnings: [
      { code: 'content_damaged', at: 1.5, message: expect.stringContaining('from about 1.5 s to 3.0 s') },
    ],
  })
})

describe('a source that changes between two chunks', () => {
  test.each([
    ['in its ETag alone', { data: Buffer.from('a film'), etag: '"2"' }],
    ['in its length', { data: Buffer.from('a longer film'), etag: '"2"' }],
  ])('%s fails the task, once', async (_, changed) => {
    served = { data: Buffer.from('a film'), etag: '"1"' }
    const id = await create()
    const work = startWorker()
    expect([await work(), await work()]).toEqual(['done', 'done'])
    served = changed
    expect(await workOff(work)).toEqual(['failed'])
    expect(await find(id)).toMatchObject({
      status: 'failed',
      error: { code: 'source.changed', message: expect.stringContaining('Source 1 changed') },
      failures: [{ job: 'chunk', attempt: 1, code: 'source.changed' }],
    })
    const statuses = (await jobsOf(id)).map(({ status }) => status)
    expect(statuses.toSorted()).toEqual(['aborted', 'aborted', 'failed', 'succeeded', 'succeeded'])
  })
})

test('a source that vanishes is tried again for its chunk, and a retry continues where the task stopped', async () => {
  served = { data: Buffer.from('a film'), etag: '"1"' }
  const id = await create()
  const work = startWorker()
  expect([await work(), await work()]).toEqual(['done', 'done'])
  served = undefined
  const outcomes = await workOff(work)
  expect(outcomes).toContain('retry')
  expect(outcomes.at(-1)).toBe('failed')
  const failed = await find(id)
  expect(failed).toMatchObject({ status: 'failed', error: { code: 'source.unavailable' } })
  expect(failed.failures.at(-1)).toMatchObject({ job: 'chunk', attempt: 5, code: 'source.unavailable' })

  served = { data: Buffer.from('a film'), etag: '"1"' }
  const kept = await jobsOf(id)
  await web.agent.post(`/tasks/${id}/retry`).set('Authorization', web.bearer(ada)).expect(202)
  expect(await workOff(work)).toEqual(['done', 'done', 'done'])
  expect(await find(id)).toMatchObject({ status: 'succeeded' })
  const finished = kept.filter(({ status }) => status === 'succeeded')
  expect(await jobsOf(id)).toEqual(expect.arrayContaining(finished))
}, 60_000)

describe('a worker with another ffmpeg', () => {
  const another = 'ffmpeg 9.0'

  test('leaves the chunks to the workers that planned them', async () => {
    served = { data: Buffer.from('a film'), etag: '"1"' }
    const id = await create()
    await startWorker()()
    expect(await startWorker(another)()).toBe('none')
    expect(await workOff(startWorker())).toEqual(['done', 'done', 'done', 'done'])
    expect(await find(id)).toMatchObject({ status: 'succeeded', attempts: 1 })
  })

  test('plans the task again when none of them is left', async () => {
    served = { data: Buffer.from('a film'), etag: '"1"' }
    const id = await create()
    const work = startWorker()
    expect([await work(), await work()]).toEqual(['done', 'done'])
    await web.database.query("UPDATE jobs SET run_after = now() - interval '3 minutes' WHERE waits_for = 0")
    const other = startWorker(another, { ...dividing(), renderChunk: () => Promise.reject(new Error()) })
    expect(await other()).toBe('done')
    expect(await find(id)).toMatchObject({ status: 'queued', progress: 0, stages: null, failures: [] })
    expect((await jobsOf(id)).map(({ kind }) => kind)).toEqual(['render'])
    expect(await workOff(startWorker(another))).toEqual(['done', 'done', 'done', 'done', 'done'])
    expect(await find(id)).toMatchObject({ status: 'succeeded', failures: [] })
  })
})
