import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import { createMaintenance } from './maintenance.ts'
import type { SweepDeps } from './sweep.ts'
import { fakeStorage, log } from './testing/fakes.ts'

beforeEach(() => void jest.useFakeTimers())
afterEach(() => void jest.useRealTimers())

/** Maintenance that counts its sweeps and sends; `sendDue` replaces the sending, `listObjects` the storage's listing. */
function setUp(sendDue: () => Promise<number> = async () => 3, listObjects?: SweepDeps['storage']['list']) {
  const counts = { sweeps: 0, sends: 0, notifierClosed: 0 }
  const maintenance = createMaintenance({
    rows: {
      async requeueExpired() {
        counts.sweeps += 1
        return { requeued: 1, failed: 0 }
      },
      repairTasks: async () => 0,
      claimDueForPublish: async () => [],
      claimStartForLongJobs: async () => false,
      claimOrphanedPrefixes: async () => (listObjects ? ['tasks/t/j-1/'] : []),
      claimLongestWaiting: async () => undefined,
      forgetOrphanedPrefixes: async () => {},
      expireOutputs: async () => 0,
      expireIdempotencyKeys: async () => 0,
      expireRateLimits: async () => 0,
      expireSourceHeaders: async () => 0,
      expireDestinations: async () => 0,
      expireAccess: async () => ({ sessions: 0, api_keys: 0, source_links: 0, audit_events: 0 }),
      expireEvents: async () => 0,
      recordDeadLetter: async () => 'unknown',
    },
    notifier: {
      sendDue() {
        counts.sends += 1
        return sendDue()
      },
      sendNew: async () => {},
      async close() {
        counts.notifierClosed += 1
      },
    },
    uploads: { expire: async () => 0 },
    accounts: { eraseRemains: async () => 0, expireMails: async () => 0 },
    queue: { publish: async () => {} },
    storage: { ...fakeStorage().storage, ...(listObjects && { list: listObjects }) },
    partialMs: 1_000,
    log,
  })
  return { maintenance, counts }
}

test('a run sweeps and sends notifications, and counts both', async () => {
  const { maintenance, counts } = setUp()
  expect(await maintenance.run()).toMatchObject({ requeued: 1, notified: 3 })
  expect(counts).toMatchObject({ sweeps: 1, sends: 1 })
})

test('slow notifications do not delay the next sweep', async () => {
  const { maintenance, counts } = setUp(() => new Promise(() => {}))
  maintenance.start(1_000)
  await jest.advanceTimersByTimeAsync(3_000)
  expect(counts).toMatchObject({ sweeps: 3, sends: 1 })
})

test('a storage that never answers does not delay the next sweep', async () => {
  const { maintenance, counts } = setUp(undefined, async function* () {
    await new Promise(() => {})
  })
  maintenance.start(1_000)
  await jest.advanceTimersByTimeAsync(3_000)
  expect(counts).toMatchObject({ sweeps: 3, sends: 3 })
})

test('an interval of 0 repeats nothing', async () => {
  const { maintenance, counts } = setUp()
  maintenance.start(0)
  await jest.advanceTimersByTimeAsync(60_000)
  expect(counts).toMatchObject({ sweeps: 0, sends: 0 })
})

test('closing ends the repetition and closes the notifier', async () => {
  const { maintenance, counts } = setUp()
  maintenance.start(1_000)
  await jest.advanceTimersByTimeAsync(1_000)
  await maintenance.close()
  await jest.advanceTimersByTimeAsync(60_000)
  expect(counts).toEqual({ sweeps: 1, sends: 1, notifierClosed: 1 })
})
