import { describe, expect, test } from '@jest/globals'
import { CutroomError } from '#shared/errors.ts'
import type { SweepRepository } from '#shared/tasks/sweep-repository.ts'
import { cleanUp, republishWaiting, type SweepDeps, sweep } from './sweep.ts'
import { fakeStorage, log, recordingLog } from './testing/fakes.ts'

const notStopping = new AbortController().signal

function setUp(rows: Partial<SweepRepository> = {}, queue: Partial<SweepDeps['queue']> = {}) {
  const forgotten: string[] = []
  const store = fakeStorage()
  const deps: SweepDeps = {
    rows: {
      requeueExpired: async () => ({ requeued: 0, failed: 0 }),
      repairTasks: async () => 0,
      claimDueForPublish: async () => [],
      claimStartForLongJobs: async () => false,
      claimOrphanedPrefixes: async () => [],
      claimLongestWaiting: async () => undefined,
      forgetOrphanedPrefixes: async (prefixes) => void forgotten.push(...prefixes),
      expireOutputs: async () => 0,
      expireIdempotencyKeys: async () => 0,
      expireRateLimits: async () => 0,
      expireSourceHeaders: async () => 0,
      expireDestinations: async () => 0,
      expireAccess: async () => ({ sessions: 0, api_keys: 0, source_links: 0, audit_events: 0 }),
      expireEvents: async () => 0,
      recordDeadLetter: async () => 'unknown',
      ...rows,
    },
    uploads: { expire: async () => 0 },
    accounts: { eraseRemains: async () => 0, expireMails: async () => 0 },
    queue: { publish: async () => {}, ...queue },
    storage: store.storage,
    partialMs: 1000,
    log,
  }
  return { deps, forgotten, ...store }
}

test('publishes the jobs that are due, and one failure affects no other', async () => {
  const published: string[] = []
  const { deps } = setUp(
    { claimDueForPublish: async () => ['a', 'b', 'c'] },
    {
      publish: async (jobId) => {
        if (jobId === 'b') throw new Error('no queue')
        published.push(jobId)
      },
    },
  )
  expect(await sweep(deps, notStopping)).toMatchObject({ republished: 2, unpublished: 1 })
  expect(published).toEqual(['a', 'c'])
})

describe('a worker for long jobs', () => {
  const longJobs = (start: () => Promise<void>) => ({ start, maxWorkers: 2 })

  test('is started when such jobs are due', async () => {
    let started = 0
    const asked: number[] = []
    const claimStartForLongJobs = async (maxWorkers: number) => asked.push(maxWorkers) === 1
    const { deps } = setUp({ claimStartForLongJobs })
    deps.longJobs = longJobs(async () => void started++)
    await sweep(deps, notStopping)
    await sweep(deps, notStopping)
    expect([asked, started]).toEqual([[2, 2], 1])
  })

  test('that cannot be started keeps the sweep from nothing, and is logged as an error', async () => {
    const { deps } = setUp({ claimStartForLongJobs: async () => true, repairTasks: async () => 2 })
    const { log: recorded, lines } = recordingLog()
    deps.longJobs = longJobs(() => Promise.reject(new Error('answered with 403')))
    expect(await sweep({ ...deps, log: recorded }, notStopping)).toMatchObject({ repaired: 2 })
    expect(lines[0]?.event).toBe('starting a worker for long jobs failed; a later sweep will retry')
  })
})

test('reports repaired tasks, which need attention', async () => {
  const { deps } = setUp({ repairTasks: async () => 2 })
  const { log: recorded, lines } = recordingLog()
  expect(await sweep({ ...deps, log: recorded }, notStopping)).toMatchObject({ repaired: 2 })
  expect(lines).toMatchObject([{ event: 'sweep', repaired: 2 }, { event: 'cleaned up' }])
})

test('publishes the job that has waited longest, and leaves failures to the sweep', async () => {
  const published: string[] = []
  const rows = { claimDueForPublish: async () => [], claimLongestWaiting: async () => 'a' }
  const queue = { publish: async (jobId: string) => void published.push(jobId) }
  const brokenRows = { ...rows, claimLongestWaiting: () => Promise.reject(new Error('no database')) }
  const brokenQueue = { publish: () => Promise.reject(new Error('no queue')) }
  await republishWaiting({ rows, queue, log })
  await republishWaiting({ rows, queue: brokenQueue, log })
  await republishWaiting({ rows: brokenRows, queue, log })
  expect(published).toEqual(['a'])
})

test('publishes a job that is due before one that has waited', async () => {
  const published: string[] = []
  const rows = { claimDueForPublish: async () => ['stitch'], claimLongestWaiting: async () => 'a' }
  await republishWaiting({ rows, queue: { publish: async (jobId) => void published.push(jobId) }, log })
  expect(published).toEqual(['stitch'])
})

test('removes every object of an orphaned prefix before it forgets the prefix', async () => {
  const { deps, objects, forgotten } = setUp({ claimOrphanedPrefixes: async () => ['tasks/t/j-1/'] })
  for (const key of ['tasks/t/j-1/a.mp4', 'tasks/t/j-1/b.mp4', 'tasks/t/j-2/a.mp4']) objects.set(key, 1)
  expect(await sweep(deps, notStopping)).toMatchObject({ orphaned_objects: 1 })
  expect([...objects.keys()]).toEqual(['tasks/t/j-2/a.mp4'])
  expect(forgotten).toEqual(['tasks/t/j-1/'])
})

test('leaves a prefix for a later sweep when the storage fails', async () => {
  const { deps, forgotten } = setUp({ claimOrphanedPrefixes: async () => ['tasks/t/j-1/', 'tasks/t/j-2/'] })
  deps.storage.list = async function* (prefix: string) {
    if (prefix.endsWith('j-1/')) throw new Error('no storage')
    yield* []
  }
  expect(await sweep(deps, notStopping)).toMatchObject({ orphaned_objects: 1 })
  expect(forgotten).toEqual(['tasks/t/j-2/'])
})

test('does not try every prefix when the storage is unavailable', async () => {
  const prefixes = Array.from({ length: 200 }, (_, index) => `tasks/t/j-${index}/`)
  const { deps, forgotten } = setUp({ claimOrphanedPrefixes: async () => prefixes })
  let tries = 0
  // biome-ignore lint/correctness/useYield: it fails before the first object.
  deps.storage.list = async function* () {
    tries += 1
    throw new CutroomError('storage.unavailable', 'away')
  }
  expect(await sweep(deps, notStopping)).toMatchObject({ orphaned_objects: 0 })
  expect([tries, forgotten]).toEqual([1, []])
})

test('a step of the clean-up that fails keeps no other from running, and its error is thrown', async () => {
  const { deps, objects, forgotten } = setUp({
    expireOutputs: () => Promise.reject(new Error('canceling statement due to statement timeout')),
    claimOrphanedPrefixes: async () => ['tasks/t/j-1/'],
  })
  objects.set('tasks/t/j-1/a.mp4', 1)
  await expect(cleanUp(deps, notStopping)).rejects.toThrow('statement timeout')
  expect([objects.size, forgotten]).toEqual([0, ['tasks/t/j-1/']])
})

test('the clean-up ends early when the service stops', async () => {
  const stopping = new AbortController()
  const { deps, objects } = setUp({ claimOrphanedPrefixes: async () => ['tasks/t/j-1/', 'tasks/t/j-2/'] })
  objects.set('tasks/t/j-2/a.mp4', 1)
  deps.storage.list = async function* () {
    stopping.abort()
    yield* []
  }
  expect(await cleanUp(deps, stopping.signal)).toMatchObject({ orphaned_objects: 1, partials: 0 })
  expect(objects.size).toBe(1)
})
