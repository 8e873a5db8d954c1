import { once } from 'node:events'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { CutroomError } from '#shared/errors.ts'
import { readMetrics } from '#shared/observability/metrics.ts'
import { createRecentSet } from '#shared/recent-set.ts'
import { TakesTooLong } from '../media/estimate/require-fit.ts'
import type { MediaFiles, RenderOptions, RenderResult } from '../media/types.ts'
import type { JobDeps } from './job-deps.ts'
import { NoSlot } from './leave-while-waiting.ts'
import { processJob } from './process-job.ts'
import { createRunningJobs } from './running-jobs.ts'
import {
  claim,
  fakeChanges,
  fakeJobs,
  fakeStorage,
  log,
  recordingLog,
  renderOnly,
  settings,
} from './testing/fakes.ts'

let scratchDir: string
beforeEach(async () => {
  scratchDir = await mkdtemp(join(tmpdir(), 'cutroom-job-'))
})
afterEach(() => rm(scratchDir, { recursive: true, force: true }))

const notStopping = new AbortController().signal

/** Writes one output file, as the media engine would. */
async function render(_: unknown, __: MediaFiles, { outputDir }: RenderOptions): Promise<RenderResult> {
  const path = join(outputDir, 'a.mp4')
  await writeFile(path, 'clip')
  return {
    sources: [],
    outputs: [{ name: 'a.mp4', path, content_type: 'video/mp4', bytes: 4 }] as RenderResult['outputs'],
  }
}

/** A render that runs until it is aborted. `started` resolves when it has begun. */
function endlessRender() {
  const { promise: started, resolve } = Promise.withResolvers<void>()
  const render: JobDeps['media']['render'] = async (_, __, { signal }) => {
    resolve()
    if (!signal.aborted) await once(signal, 'abort')
    throw signal.reason
  }
  return { render, started }
}

const away = () => new CutroomError('database.unavailable', 'away')
const failWith = (code: 'media.unreadable' | 'media.failed' | 'media.wrong_result') => async () => {
  throw new CutroomError(code, 'as the test wants it')
}

function setUp(engine: JobDeps['media']['render'] = render, jobs = fakeJobs(), store = fakeStorage()) {
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
    keepSlots: createRecentSet(10),
    runningJobs: createRunningJobs(),
    sources: { open: async () => source, waitedMs: () => 0 },
    sourceHeaders: { reveal: async ({ recipe }) => recipe },
    destinations: { reveal: async () => undefined },
    delivery: { deliver: async (outputs) => outputs },
    media: renderOnly(engine),
    queue: { publish: async () => {} },
    chunks: undefined,
    requireFit: { render: () => {}, jobs: (jobs) => jobs },
    uploads: { find: async () => [] },
    build: 'ffmpeg 7.1',
    settings: { ...settings, scratchDir },
    log,
  }
  return { deps, changes, closed, ...jobs, ...store }
}

const key = `tasks/${claim.taskId}/${claim.jobId}-2/a.mp4`

test('renders a job, stores its outputs under its attempt, and records the result', async () => {
  const { deps, calls, objects, closed } = setUp()
  expect(await processJob(claim.jobId, deps, notStopping)).toBe('done')
  expect(calls).toEqual(['finish'])
  expect([...objects.keys()]).toEqual([key])
  expect(closed).toEqual(['source'])
  expect(await readdir(scratchDir)).toEqual([])
})

test.each([
  ['the same as the attempt before', 'as the test wants it', ['fail media.wrong_result used up']],
  ['another than the attempt before', 'something else', ['retry media.wrong_result']],
])('an output that failed verification is final when it is %s', async (_, message, expected) => {
  const lastFailure = { code: 'media.wrong_result', message }
  const jobs = fakeJobs({ kind: 'claimed', waitedSeconds: 0, claim: { ...claim, lastFailure } })
  const { deps, calls } = setUp(failWith('media.wrong_result'), jobs)
  await processJob(claim.jobId, deps, notStopping)
  expect(calls).toEqual(expected)
})

test('a job that has no slot when its sources answer is given back, and keeps the next slot that it gets', async () => {
  const { deps, calls } = setUp()
  const isAsked: boolean[] = []
  const slot = {
    ...{ leave: () => {}, return: async () => false, isHeld: () => true, isWanted: () => false },
    ...{ widen: async () => false, narrow: () => {} },
  }
  const open: JobDeps['sources']['open'] = async (_origin, _dir, _signal, whileWaiting) => {
    isAsked.push(whileWaiting !== undefined)
    throw new NoSlot()
  }
  const waiting = { ...deps, slot, sources: { ...deps.sources, open } }
  expect(await processJob(claim.jobId, waiting, notStopping)).toBe('retry')
  expect(await processJob(claim.jobId, waiting, notStopping)).toBe('retry')
  expect(calls).toEqual(['give back', 'give back'])
  expect(isAsked).toEqual([true, false])
})

test('logs the job that was claimed, which may not be the one that the push named', async () => {
  const { deps } = setUp()
  const { log, lines } = recordingLog()
  await processJob('44444444-4444-4444-8444-444444444444', { ...deps, log }, notStopping)
  const fields = { jobId: claim.jobId, taskId: claim.taskId, attempt: claim.attempt }
  expect(lines).toEqual([
    { event: 'job started', ...fields },
    { event: 'job ended', ...fields, outcome: 'done', ms: expect.any(Number) },
  ])
})

test('logs once for each task how long it waited, and at its end how long it took for each minute of its outputs', async () => {
  const first = { ...claim, attempt: 1, failures: 0 }
  const claimed = { kind: 'claimed', claim: first, waitedSeconds: 7, dividedSeconds: 60 } as const
  const engine: JobDeps['media']['render'] = async (recipe, files, options) => {
    const { sources, outputs } = await render(recipe, files, options)
    return { sources, outputs: outputs.map((output) => ({ ...output, seconds: 30 })) }
  }
  const { deps } = setUp(engine, fakeJobs(claimed))
  const { log, lines } = recordingLog()
  await processJob(claim.jobId, { ...deps, log }, notStopping)
  expect(lines).toMatchObject([
    { event: 'job started', taskWaitSeconds: 7 },
    { event: 'job ended', secondsPerMediaMinute: expect.any(Number) },
  ])
  expect(lines[1]?.secondsPerMediaMinute).toBeGreaterThanOrEqual(60)
  const { text } = await readMetrics()
  expect(text).toContain('cutroom_task_wait_seconds_count 1')
  expect(text).toContain('cutroom_task_seconds_per_media_minute_count 1')
})

test.each([
  ['held', 'duplicate'],
  ['finished', 'finished'],
  ['unknown', 'unknown'],
] as const)('leaves a job alone that is %s', async (kind, outcome) => {
  const { deps, calls } = setUp(render, fakeJobs({ kind }))
  expect(await processJob(claim.jobId, deps, notStopping)).toBe(outcome)
  expect(calls).toEqual([])
})

describe('a failed attempt', () => {
  test('is queued again when another attempt may succeed', async () => {
    const { deps, calls } = setUp(failWith('media.failed'))
    expect(await processJob(claim.jobId, deps, notStopping)).toBe('retry')
    expect(calls).toEqual(['retry media.failed'])
  })

  test('ends the task when no other attempt can succeed', async () => {
    const { deps, calls } = setUp(failWith('media.unreadable'))
    expect(await processJob(claim.jobId, deps, notStopping)).toBe('failed')
    expect(calls).toEqual(['fail media.unreadable'])
  })

  test('ends the task and leaves a dead letter when it was the last one', async () => {
    const { deps, calls } = setUp(
      failWith('media.failed'),
      fakeJobs({ kind: 'claimed', waitedSeconds: 0, claim: { ...claim, failures: 4 } }),
    )
    expect(await processJob(claim.jobId, deps, notStopping)).toBe('failed')
    expect(calls).toEqual(['fail media.failed used up'])
  })

  test('leaves no workspace and no open source', async () => {
    const { deps, closed } = setUp(failWith('media.failed'))
    await processJob(claim.jobId, deps, notStopping)
    expect(await readdir(scratchDir)).toEqual([])
    expect(closed).toEqual(['source'])
  })
})

describe('a worker that has less time than others', () => {
  const pushed = { ...settings, claimsLongJobs: false }
  const timeOut = new CutroomError('media.timed_out', 'ffmpeg was stopped at its time limit of 480 s.')

  test.each([
    ['that is estimated to take too long', new TakesTooLong('The work is estimated to take 20 minutes.')],
    ['that it could not end in time', timeOut],
  ])('leaves a job %s to them, and the attempt does not count', async (_, thrown) => {
    const { deps, calls, closed } = setUp(() => Promise.reject(thrown))
    deps.settings = { ...pushed, scratchDir }
    expect(await processJob(claim.jobId, deps, notStopping)).toBe('handed_over')
    expect(calls).toEqual(['hand over'])
    expect(closed).toEqual(['source'])
  })

  test('leaves them nothing that has failed otherwise', async () => {
    const { deps, calls } = setUp(failWith('media.failed'))
    deps.settings = { ...pushed, scratchDir }
    expect(await processJob(claim.jobId, deps, notStopping)).toBe('retry')
    expect(calls).toEqual(['retry media.failed'])
  })

  test('and one that has all the time tries a job again that was stopped at its limit', async () => {
    const { deps, calls } = setUp(() => Promise.reject(timeOut))
    await processJob(claim.jobId, deps, notStopping)
    expect(calls).toEqual(['retry media.timed_out'])
  })
})

describe('storing outputs', () => {
  test('is retried while the storage is unavailable', async () => {
    let failures = 2
    const store = fakeStorage(() => {
      if (failures-- > 0) throw new CutroomError('storage.unavailable', 'as the test wants it')
    })
    const { deps, objects } = setUp(render, fakeJobs(), store)
    expect(await processJob(claim.jobId, deps, notStopping)).toBe('done')
    expect([...objects.keys()]).toEqual([key])
  })

  test('skips outputs that were streamed during the render, and records them with the others', async () => {
    const { deps, objects, calls } = setUp(async (recipe, files, options) => {
      const { sources, outputs } = await render(recipe, files, options)
      await options.send?.({ name: 'b.ogg', contentType: 'audio/ogg' }, Readable.from([Buffer.from('audio')]))
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
    expect(calls).toEqual([])
  })

  test('accepts an existing object of the same size, since the reply to an earlier try may have been lost', async () => {
    const store = fakeStorage()
    const { deps, calls } = setUp(render, fakeJobs(), store)
    store.objects.set(key, 4)
    expect(await processJob(claim.jobId, deps, notStopping)).toBe('done')
    expect(calls).toEqual(['finish'])
  })
})

describe('a time limit that was spent waiting for sources', () => {
  /** A job that ends at its deadline after having waited for its sources for so many ms. */
  async function timedOut(waitedMs: number, failures: number) {
    const given = fakeJobs({ kind: 'claimed', waitedSeconds: 0, claim: { ...claim, failures } })
    const { deps, calls } = setUp(endlessRender().render, given)
    deps.settings = { ...deps.settings, deadlineMs: 60 }
    deps.sources = { ...deps.sources, waitedMs: () => waitedMs }
    await processJob(claim.jobId, deps, notStopping)
    return calls
  }

  test('is their fault, and is tried once more', async () => {
    expect(await timedOut(60_000, 0)).toEqual(['retry source.unavailable'])
    expect(await timedOut(60_000, 1)).toEqual(['fail source.unavailable used up'])
  })

  test('is not, if most of it was work', async () => {
    expect(await timedOut(0, 1)).toEqual(['retry media.timed_out'])
  })
})

describe('a render that divides its work', () => {
  /** A job whose source had to be copied, for want of ranges. */
  async function divided(jobs = fakeJobs()) {
    const setup = setUp(
      async () => ({ sources: [], outputs: [], expansion: { plan: { ranges: [] } as never, jobs: [] } }),
      jobs,
    )
    const copy = join(scratchDir, 'copy')
    await writeFile(copy, 'video')
    const input = { url: `file:${copy}`, inputOptions: [], version: { bytes: 5, tag: null } }
    const opened = await setup.deps.sources.open({ key: '' }, '', notStopping)
    setup.deps.sources = {
      waitedMs: () => 0,
      open: async () => ({ ...opened, input: { ...input, readError: () => undefined } }),
    }
    const plans: unknown[] = []
    const { expand } = setup.deps.jobs
    setup.deps.jobs.expand = async (claim, expansion) => {
      plans.push(expansion.plan)
      return expand(claim, expansion)
    }
    return { ...setup, plans }
  }
  const copyKey = key.replace('a.mp4', 'source-0')

  test('stores the copy of a source once, for all of its jobs', async () => {
    const { deps, objects, plans } = await divided()
    expect(await processJob(claim.jobId, deps, notStopping)).toBe('done')
    expect([...objects]).toEqual([[copyKey, 5]])
    expect(plans).toEqual([{ ranges: [], copies: [copyKey] }])
  })

  test('removes the copy when it was overtaken', async () => {
    const { deps, objects, state } = await divided()
    deps.jobs = { ...deps.jobs, heartbeat: async () => true }
    state.held = false
    expect(await processJob(claim.jobId, deps, notStopping)).toBe('finished')
    expect([...objects]).toEqual([])
  })
})

test('a worker that was overtaken removes the outputs that it stored', async () => {
  const jobs = fakeJobs()
  const { deps, objects, state } = setUp(render, jobs)
  deps.jobs = { ...deps.jobs, heartbeat: async () => true }
  state.held = false
  expect(await processJob(claim.jobId, deps, notStopping)).toBe('finished')
  expect([...objects.keys()]).toEqual([])
})

test('a change notification makes an abort stop the render at once', async () => {
  const { render, started } = endlessRender()
  const { deps, changes, state, calls } = setUp(render)
  deps.settings = { ...deps.settings, heartbeatMs: 60_000 }
  const working = processJob(claim.jobId, deps, notStopping)
  await started
  state.held = false
  changes.notify()
  expect(await working).toBe('finished')
  expect(calls).toEqual([])
})

test('progress of the task triggers no heartbeats: each of its workers would send one', async () => {
  const { render, started } = endlessRender()
  const { deps, changes, state } = setUp(render)
  deps.settings = { ...deps.settings, heartbeatMs: 60_000 }
  let heartbeats = 0
  deps.jobs = {
    ...deps.jobs,
    heartbeat: async () => {
      heartbeats += 1
      return state.held
    },
  }
  const working = processJob(claim.jobId, deps, notStopping)
  await started
  for (let second = 0; second < 10; second++) changes.notify('progress')
  expect(heartbeats).toBe(0)
  state.held = false
  changes.notify('state')
  expect(await working).toBe('finished')
  expect(heartbeats).toBe(1)
})

test('the next heartbeat finds an abort whose notification was lost', async () => {
  const { deps, state } = setUp(endlessRender().render)
  const working = processJob(claim.jobId, deps, notStopping)
  state.held = false
  expect(await working).toBe('finished')
})

test('a job that exceeds its deadline is stopped and retried', async () => {
  const { deps, calls } = setUp(endlessRender().render)
  deps.settings = { ...deps.settings, deadlineMs: 20 }
  expect(await processJob(claim.jobId, deps, notStopping)).toBe('retry')
  expect(calls).toEqual(['retry media.timed_out'])
})

test('shutting down gives the job back', async () => {
  const stopping = new AbortController()
  const { render, started } = endlessRender()
  const { deps, calls } = setUp(render)
  const working = processJob(claim.jobId, deps, stopping.signal)
  await started
  stopping.abort()
  expect(await working).toBe('stopping')
  expect(calls).toEqual(['give back'])
})

test('a worker that cannot reach the database for the length of its lease stops by itself', async () => {
  const { deps, calls } = setUp(endlessRender().render)
  deps.settings = { ...deps.settings, leaseMs: 30 }
  deps.jobs = {
    ...deps.jobs,
    heartbeat: () => Promise.reject(away()),
  }
  expect(await processJob(claim.jobId, deps, notStopping)).toBe('retry')
  expect(calls).toEqual(['retry database.unavailable uncounted'])
})

test('the result of a job is recorded after an outage that was longer than its lease', async () => {
  const { deps, calls } = setUp()
  let refused = 0
  const { finish } = deps.jobs
  deps.jobs = {
    ...deps.jobs,
    heartbeat: () => Promise.reject(away()),
    finish: (...args) => (refused++ < 2 ? Promise.reject(away()) : finish(...args)),
  }
  deps.settings = { ...deps.settings, leaseMs: 200 }
  expect(await processJob(claim.jobId, deps, notStopping)).toBe('done')
  expect(calls).toEqual(['finish'])
})

test('a job is given back although the database does not answer at once', async () => {
  const stopping = new AbortController()
  const { render, started } = endlessRender()
  const { deps, calls } = setUp(render)
  let refused = 0
  const { giveBack } = deps.jobs
  deps.jobs = {
    ...deps.jobs,
    giveBack: (claim) => (refused++ < 2 ? Promise.reject(away()) : giveBack(claim)),
  }
  const working = processJob(claim.jobId, deps, stopping.signal)
  await started
  stopping.abort()
  expect(await working).toBe('stopping')
  expect(calls).toEqual(['give back'])
})

test.each([
  ['database.unavailable', 'retry'],
  ['storage.unavailable', 'retry'],
  ['media.no_free_space', 'no_free_space'],
] as const)(
  'a failure of the service, %s, is not counted, not even against the last attempt',
  async (code, outcome) => {
    const { deps, calls } = setUp(
      render,
      fakeJobs({ kind: 'claimed', waitedSeconds: 0, claim: { ...claim, failures: 4 } }),
    )
    deps.uploads = { find: () => Promise.reject(new CutroomError(code, 'away')) }
    expect(await processJob(claim.jobId, deps, notStopping)).toBe(outcome)
    expect(calls).toEqual([`retry ${code} uncounted`])
  },
)

test('throws when the outcome cannot be recorded, so that the queue pushes again', async () => {
  const { deps } = setUp()
  const refuse = () => Promise.reject(away())
  deps.jobs = { ...deps.jobs, finish: refuse, retry: refuse }
  deps.settings = { ...deps.settings, recordMs: 500 }
  await expect(processJob(claim.jobId, deps, notStopping)).rejects.toMatchObject({
    code: 'database.unavailable',
  })
})
