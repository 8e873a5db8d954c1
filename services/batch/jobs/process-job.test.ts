import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { CutroomError } from '#shared/errors.ts'
import type { MediaFiles, RenderOptions, RenderResult } from '../media/types.ts'
import { type JobDeps, processJob } from './process-job.ts'
import { claim, fakeChanges, fakeJobs, fakeStorage, log, settings } from './testing/fakes.ts'

let scratchDir: string
beforeEach(async () => {
  scratchDir = await mkdtemp(join(tmpdir(), 'cutroom-job-'))
})
afterEach(() => rm(scratchDir, { recursive: true, force: true }))

const notStopping = new AbortController().signal

/** Makes one output file, as an engine would. */
async function make(_: unknown, __: MediaFiles, { outputDir }: RenderOptions): Promise<RenderResult> {
  const path = join(outputDir, 'a.mp4')
  await writeFile(path, 'clip')
  return {
    sources: [],
    outputs: [{ name: 'a.mp4', path, content_type: 'video/mp4', bytes: 4 }] as RenderResult['outputs'],
  }
}

/** Works until it is told to stop. */
const makeForEver = (_: unknown, __: MediaFiles, { signal }: RenderOptions) =>
  new Promise<RenderResult>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))

const failWith = (code: 'media.unreadable' | 'media.failed') => async () => {
  throw new CutroomError(code, 'as the test wants it')
}

function setUp(engine: JobDeps['media']['render'] = make, jobs = fakeJobs(), store = fakeStorage()) {
  const closed: string[] = []
  const source = {
    input: { url: 'file:a', inputOptions: [], readError: () => undefined },
    bytesRead: () => 0,
    readError: () => undefined,
    close: async () => void closed.push('source'),
    [Symbol.asyncDispose]: async () => {},
  }
  const changes = fakeChanges()
  const deps: JobDeps = {
    jobs: jobs.jobs,
    changes,
    storage: store.storage,
    sources: { open: async () => source, close: async () => {} },
    media: { render: engine },
    demandFit: () => {},
    findUploadKeys: async () => new Map(),
    settings: { ...settings, scratchDir },
    log,
  }
  return { deps, changes, closed, ...jobs, ...store }
}

const key = `tasks/${claim.taskId}/${claim.jobId}-2/a.mp4`

test('a job is made, stored under its attempt, and recorded', async () => {
  const { deps, said, objects, closed } = setUp()
  expect(await processJob(claim.jobId, deps, notStopping)).toBe('done')
  expect(said).toEqual(['finish'])
  expect([...objects.keys()]).toEqual([key])
  expect(closed).toEqual(['source'])
  expect(await readdir(scratchDir)).toEqual([])
})

test.each([
  ['held', 'duplicate'],
  ['finished', 'finished'],
  ['unknown', 'unknown'],
] as const)('a job that is %s is left alone', async (kind, outcome) => {
  const { deps, said } = setUp(make, fakeJobs({ kind }))
  expect(await processJob(claim.jobId, deps, notStopping)).toBe(outcome)
  expect(said).toEqual([])
})

describe('a failed attempt', () => {
  test('that may do better next time is queued again', async () => {
    const { deps, said } = setUp(failWith('media.failed'))
    expect(await processJob(claim.jobId, deps, notStopping)).toBe('retry')
    expect(said).toEqual(['retry media.failed'])
  })

  test('that cannot do better ends the task', async () => {
    const { deps, said } = setUp(failWith('media.unreadable'))
    expect(await processJob(claim.jobId, deps, notStopping)).toBe('failed')
    expect(said).toEqual(['fail media.unreadable'])
  })

  test('that was the last one ends the task, and an operator hears of it', async () => {
    const { deps, said } = setUp(
      failWith('media.failed'),
      fakeJobs({ kind: 'claimed', claim: { ...claim, failures: 4 } }),
    )
    expect(await processJob(claim.jobId, deps, notStopping)).toBe('failed')
    expect(said).toEqual(['fail media.failed used up'])
  })

  test('leaves no scratch space and no open source', async () => {
    const { deps, closed } = setUp(failWith('media.failed'))
    await processJob(claim.jobId, deps, notStopping)
    expect(await readdir(scratchDir)).toEqual([])
    expect(closed).toEqual(['source'])
  })
})

describe('storing', () => {
  test('is tried again when the store stutters', async () => {
    let stutters = 2
    const store = fakeStorage(() => {
      if (stutters-- > 0) throw new CutroomError('storage.unavailable', 'stutter')
    })
    const { deps, objects } = setUp(make, fakeJobs(), store)
    expect(await processJob(claim.jobId, deps, notStopping)).toBe('done')
    expect([...objects.keys()]).toEqual([key])
  })

  test('leaves alone what was sent while it was made, and records it with the rest', async () => {
    const { deps, objects, said } = setUp(async (recipe, files, options) => {
      const { sources, outputs } = await make(recipe, files, options)
      await options.send?.({ name: 'b.ogg', contentType: 'audio/ogg' }, Readable.from([Buffer.from('sound')]))
      const sent = { name: 'b.ogg', path: '/nowhere', content_type: 'audio/ogg', bytes: 5, sent: true }
      return { sources, outputs: [...outputs, sent] as RenderResult['outputs'] }
    })
    let recorded: unknown
    deps.jobs.finish = async (_, { outputs }) => {
      recorded = outputs
      return true
    }
    expect(await processJob(claim.jobId, deps, notStopping)).toBe('done')
    expect([...objects]).toEqual([
      [key.replace('a.mp4', 'b.ogg'), 5],
      [key, 4],
    ])
    expect(recorded).toEqual([
      { name: 'a.mp4', content_type: 'video/mp4', bytes: 4, key },
      { name: 'b.ogg', content_type: 'audio/ogg', bytes: 5, key: key.replace('a.mp4', 'b.ogg') },
    ])
    expect(said).toEqual([])
  })

  test('takes an object for its own whose answer was lost', async () => {
    const store = fakeStorage()
    const { deps, said } = setUp(make, fakeJobs(), store)
    store.objects.set(key, 4)
    expect(await processJob(claim.jobId, deps, notStopping)).toBe('done')
    expect(said).toEqual(['finish'])
  })
})

test('a worker that was overtaken removes what it stored', async () => {
  const jobs = fakeJobs()
  const { deps, objects, state } = setUp(make, jobs)
  deps.jobs = { ...deps.jobs, heartbeat: async () => true }
  state.held = false
  expect(await processJob(claim.jobId, deps, notStopping)).toBe('finished')
  expect([...objects.keys()]).toEqual([])
})

test('an abort stops the work as soon as word of it comes', async () => {
  const { deps, changes, state, said } = setUp(makeForEver)
  deps.settings = { ...deps.settings, heartbeatMs: 60_000 }
  const working = processJob(claim.jobId, deps, notStopping)
  await new Promise((resolve) => setTimeout(resolve, 20))
  state.held = false
  changes.notify()
  expect(await working).toBe('finished')
  expect(said).toEqual([])
})

test('an abort of which no word comes is found by the next heartbeat', async () => {
  const { deps, state } = setUp(makeForEver)
  const working = processJob(claim.jobId, deps, notStopping)
  state.held = false
  expect(await working).toBe('finished')
})

test('a job over its deadline is stopped and may be tried again', async () => {
  const { deps, said } = setUp(makeForEver)
  deps.settings = { ...deps.settings, deadlineMs: 20 }
  expect(await processJob(claim.jobId, deps, notStopping)).toBe('retry')
  expect(said).toEqual(['retry media.timed_out'])
})

test('shutting down gives the lease back', async () => {
  const stopping = new AbortController()
  const { deps, said } = setUp(makeForEver)
  const working = processJob(claim.jobId, deps, stopping.signal)
  await new Promise((resolve) => setTimeout(resolve, 20))
  stopping.abort()
  expect(await working).toBe('stopping')
  expect(said).toEqual(['give back'])
})

test('a worker that cannot reach the database for a whole lease stops by itself', async () => {
  const { deps, said } = setUp(makeForEver)
  deps.settings = { ...deps.settings, leaseMs: 30 }
  deps.jobs = {
    ...deps.jobs,
    heartbeat: () => Promise.reject(new CutroomError('database.unavailable', 'away')),
  }
  expect(await processJob(claim.jobId, deps, notStopping)).toBe('finished')
  expect(said).toEqual([])
})

test.each([
  ['database.unavailable', 'retry'],
  ['storage.unavailable', 'retry'],
  ['media.no_free_space', 'no_free_space'],
] as const)(
  'trouble of the service, %s, costs the task no attempt, not even its last',
  async (code, outcome) => {
    const { deps, said } = setUp(make, fakeJobs({ kind: 'claimed', claim: { ...claim, failures: 4 } }))
    deps.findUploadKeys = () => Promise.reject(new CutroomError(code, 'away'))
    expect(await processJob(claim.jobId, deps, notStopping)).toBe(outcome)
    expect(said).toEqual([`retry ${code} uncounted`])
  },
)

test('an end that cannot be recorded is thrown, so that the queue pushes again', async () => {
  const { deps } = setUp()
  const away = () => Promise.reject(new CutroomError('database.unavailable', 'away'))
  deps.jobs = { ...deps.jobs, finish: away, retry: away }
  deps.settings = { ...deps.settings, leaseMs: 500 }
  await expect(processJob(claim.jobId, deps, notStopping)).rejects.toMatchObject({
    code: 'database.unavailable',
  })
})
