import { expect, test } from '@jest/globals'
import type { SweepRepository } from '#shared/tasks/sweep-repository.ts'
import { republishWaiting, type SweepDeps, sweep } from './sweep.ts'
import { fakeStorage, log } from './testing/fakes.ts'

function setUp(rows: Partial<SweepRepository> = {}, queue: Partial<SweepDeps['queue']> = {}) {
  const struck: string[] = []
  const store = fakeStorage()
  const deps: SweepDeps = {
    rows: {
      requeueExpired: async () => ({ requeued: 0, failed: 0 }),
      claimDueForPublish: async () => [],
      claimOrphanedPrefixes: async () => [],
      claimLongestWaiting: async () => undefined,
      forgetOrphanedPrefixes: async (prefixes) => void struck.push(...prefixes),
      expireOutputs: async () => 0,
      expireIdempotencyKeys: async () => 0,
      recordDeadLetter: async () => 'unknown',
      ...rows,
    },
    uploads: { expire: async () => 0 },
    queue: { publish: async () => {}, close: async () => {}, ...queue },
    storage: store.storage,
    partialMs: 1000,
    log,
  }
  return { deps, struck, ...store }
}

test('rings what is due, and one ring that fails spoils no other', async () => {
  const published: string[] = []
  const { deps } = setUp(
    { claimDueForPublish: async () => ['a', 'b', 'c'] },
    {
      publish: async (jobId) => {
        if (jobId === 'b') throw new Error('nobody there')
        published.push(jobId)
      },
    },
  )
  expect(await sweep(deps)).toMatchObject({ rung: 2, unheard: 1 })
  expect(published).toEqual(['a', 'c'])
})

test('a job that has waited for long is rung, and a ring that fails is left to the sweep', async () => {
  const published: string[] = []
  const rows = { claimLongestWaiting: async () => 'a' }
  await republishWaiting(
    rows,
    { publish: async (jobId) => void published.push(jobId), close: async () => {} },
    log,
  )
  await republishWaiting(
    rows,
    { publish: () => Promise.reject(new Error('nobody')), close: async () => {} },
    log,
  )
  await republishWaiting(
    { claimLongestWaiting: () => Promise.reject(new Error('no database')) },
    setUp().deps.queue,
    log,
  )
  expect(published).toEqual(['a'])
})

test('removes every object of a prefix before it strikes the prefix out', async () => {
  const { deps, objects, struck } = setUp({ claimOrphanedPrefixes: async () => ['tasks/t/j-1/'] })
  for (const key of ['tasks/t/j-1/a.mp4', 'tasks/t/j-1/b.mp4', 'tasks/t/j-2/a.mp4']) objects.set(key, 1)
  expect(await sweep(deps)).toMatchObject({ litter: 1 })
  expect([...objects.keys()]).toEqual(['tasks/t/j-2/a.mp4'])
  expect(struck).toEqual(['tasks/t/j-1/'])
})

test('leaves a prefix for another sweep when the store fails', async () => {
  const { deps, struck } = setUp({ claimOrphanedPrefixes: async () => ['tasks/t/j-1/', 'tasks/t/j-2/'] })
  deps.storage.list = async function* (prefix: string) {
    if (prefix.endsWith('j-1/')) throw new Error('stutter')
    yield* []
  }
  expect(await sweep(deps)).toMatchObject({ litter: 1 })
  expect(struck).toEqual(['tasks/t/j-2/'])
})
