import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { silentLogger } from '#shared/observability/logger.ts'
import { readMetrics } from '#shared/observability/metrics.ts'
import type { PushOutcome } from '../push/reply.ts'
import { createClaimLoop, type RequestBound } from './claim-loop.ts'
import { createJobSlots, type Slot } from './job-slots.ts'

beforeEach(() => void jest.useFakeTimers())
afterEach(() => void jest.useRealTimers())

/** A job that the loop is working on; `end` ends it. */
type Work = { announced: string | undefined; slot: Slot; end(outcome: PushOutcome | Error): Promise<void> }

/** A loop whose jobs the test ends one by one. */
function openLoop({ slots = 1, requestBound }: { slots?: number; requestBound?: RequestBound } = {}) {
  const stopping = new AbortController()
  const works: Work[] = []
  const calls = { republished: 0, notified: 0 }
  const loop = createClaimLoop(
    {
      slots: createJobSlots(slots),
      process(announced, slot) {
        const job = Promise.withResolvers<PushOutcome>()
        works.push({
          announced,
          slot,
          async end(outcome) {
            if (outcome instanceof Error) job.reject(outcome)
            else job.resolve(outcome)
            await settle()
          },
        })
        return job.promise
      },
      maintenance: {
        async republishWaiting() {
          calls.republished += 1
        },
        async sendNewNotifications() {
          calls.notified += 1
        },
      },
      requestBound,
      log: silentLogger,
    },
    stopping.signal,
  )
  const end = (index: number, outcome: PushOutcome | Error) => works[index]?.end(outcome)
  return { loop, works, calls, stopping, end }
}

describe('working off', () => {
  test('ends when no job is ready and none is running', async () => {
    const { loop, works, end } = openLoop({ slots: 2 })
    const workedOff = loop.workOff()
    await end(0, 'done')
    await end(1, 'none')
    expect(await now(workedOff)).toBe('pending')
    await end(2, 'none')
    expect(await now(workedOff)).toBeUndefined()
    expect(works).toHaveLength(3)
  })

  test('includes what is announced while a job runs', async () => {
    const { loop, works, end } = openLoop({ slots: 2 })
    const workedOff = loop.workOff()
    await end(1, 'none')
    loop.wake()
    await settle()
    expect(works).toHaveLength(3)
    await end(0, 'none')
    expect(await now(workedOff)).toBe('pending')
    for (let index = 2; index < works.length; index += 1) await end(index, 'none')
    expect(await now(workedOff)).toBeUndefined()
  })

  test('ends when the running jobs have ended, once claiming is stopped', async () => {
    const { loop, works, end, stopping } = openLoop()
    const workedOff = loop.workOff()
    stopping.abort()
    expect(await now(workedOff)).toBe('pending')
    await end(0, 'done')
    expect(await now(workedOff)).toBeUndefined()
    expect(works).toHaveLength(1)
  })
})

describe('a job that takes several slots', () => {
  const { signal } = new AbortController()

  test('is waited for by those that end a job, and all slots claim again after it', async () => {
    const { loop, works, end } = openLoop({ slots: 2 })
    loop.wake()
    void works[0]?.slot.widen(2, signal)
    await end(1, 'done')
    loop.wake()
    expect(works).toHaveLength(2)
    await end(0, 'done')
    expect(works).toHaveLength(4)
  })

  test('within a request: the others end theirs, and publish what waits', async () => {
    const requestBound = { timeoutMs: 600_000, jobMs: 540_000, firstMs: 45_000 }
    const { loop, works, calls, end } = openLoop({ slots: 2, requestBound })
    const [, second] = [loop.run('a'), loop.run('b')]
    const widened = works[0]?.slot.widen(2, signal)
    expect(await loop.run('c')).toBe('busy')
    await end(1, 'done')
    expect(await second).toBe('done')
    expect(await widened).toBe(true)
    expect([works.length, calls.republished]).toEqual([2, 1])
  })
})

/** Lets every promise that can settle do so. */
const settle = () => jest.advanceTimersByTimeAsync(0)

/** What a promise has settled to by now; `pending` when it has not. */
const now = <T>(promise: Promise<T>): Promise<T | 'pending'> =>
  Promise.race([promise, settle().then(() => 'pending' as const)])

const announcedOf = (works: Work[]) => works.map(({ announced }) => announced)

describe('a slot', () => {
  test('claims the next job by itself until none is ready', async () => {
    const { loop, works, end } = openLoop()
    void loop.run('a')
    await end(0, 'done')
    await end(1, 'failed')
    await end(2, 'retry')
    await end(3, 'none')
    expect(announcedOf(works)).toEqual(['a', undefined, undefined, undefined])
    expect(await now(loop.drained())).toBeUndefined()
  })

  test.each<PushOutcome>(['duplicate', 'unknown'])(
    'whose announced job is %s claims no other',
    async (outcome) => {
      const { loop, works, end } = openLoop()
      const push = loop.run('a')
      await end(0, outcome)
      expect(await push).toBe(outcome)
      expect(works).toHaveLength(1)
    },
  )

  test('claims again when it found nothing and a job was announced meanwhile', async () => {
    const { loop, works, end } = openLoop()
    void loop.run('a')
    await end(0, 'done')
    expect(await loop.run('b')).toBe('queued')
    await end(1, 'none')
    expect(works).toHaveLength(3)
    await end(2, 'none')
    expect(works).toHaveLength(3)
  })

  test('that a job leaves while it waits is used for the next one, until the job returns', async () => {
    const { loop, works, end } = openLoop()
    void loop.run('a')
    works[0]?.slot.leave()
    await settle()
    expect(announcedOf(works)).toEqual(['a', undefined])
    const returned = works[0]?.slot.return()
    expect(await loop.run('b')).toBe('queued')
    await end(1, 'done')
    await returned
    expect(works).toHaveLength(2)
    await end(0, 'done')
    expect(works).toHaveLength(3)
    await end(2, 'none')
    expect(await now(loop.drained())).toBeUndefined()
  })

  test('that a job has left when it ends is not used by its loop', async () => {
    const { loop, works, end } = openLoop()
    void loop.run('a')
    works[0]?.slot.leave()
    await settle()
    await end(0, 'retry')
    expect(works).toHaveLength(2)
    await end(1, 'none')
    await end(2, 'none')
    expect(await now(loop.drained())).toBeUndefined()
    void loop.run('b')
    expect(announcedOf(works).at(-1)).toBe('b')
  })

  test('within a request is kept while its job waits', async () => {
    const { loop, works, end } = openLoop({ requestBound: { timeoutMs: 600_000, jobMs: 10_000 } })
    const push = loop.run('a')
    works[0]?.slot.leave()
    expect(works[0]?.slot.isHeld()).toBe(true)
    expect(await loop.run('b')).toBe('busy')
    await end(0, 'done')
    await end(1, 'none')
    expect(await push).toBe('done')
  })

  test('survives a job whose outcome could not be recorded, and works again at the next wake', async () => {
    const { loop, works, end } = openLoop()
    void loop.run('a')
    await end(0, 'done')
    await end(1, new Error('the database is unavailable'))
    expect(works).toHaveLength(2)
    loop.wake()
    expect(works).toHaveLength(3)
  })

  test('claims nothing more while stopping', async () => {
    const { loop, works, stopping, end } = openLoop()
    const push = loop.run('a')
    stopping.abort()
    await end(0, 'stopping')
    expect(await push).toBe('stopping')
    loop.wake()
    expect(works).toHaveLength(1)
    expect(await loop.run('b')).toBe('stopping')
  })

  test('sends notifications beside the next job', async () => {
    const { loop, works, calls, end } = openLoop()
    void loop.run('a')
    await end(0, 'done')
    expect(calls.notified).toBe(1)
    expect(works).toHaveLength(2)
  })
})

describe('the outcome of a push', () => {
  test('is that of the first job, and does not wait for those after it', async () => {
    const { loop, end } = openLoop()
    const push = loop.run('a')
    expect(await now(push)).toBe('pending')
    await end(0, 'retry')
    expect(await now(push)).toBe('retry')
    await end(1, 'done')
  })

  test('is the error of the first job when its outcome could not be recorded', async () => {
    const { loop, end } = openLoop()
    const push = loop.run('a')
    const rejected = expect(push).rejects.toThrow('the database is unavailable')
    await end(0, new Error('the database is unavailable'))
    await rejected
  })

  test('is queued while all slots are in use', async () => {
    const { loop, works } = openLoop({ slots: 2 })
    void loop.run('a')
    void loop.run('b')
    expect(await loop.run('c')).toBe('queued')
    expect(works).toHaveLength(2)
  })
})

describe('wake', () => {
  test('lets every free slot claim a job', async () => {
    const { loop, works, end } = openLoop({ slots: 3 })
    void loop.run('a')
    loop.wake()
    expect(announcedOf(works)).toEqual(['a', undefined, undefined])
    await end(1, 'none')
    await end(2, 'done')
    expect(works).toHaveLength(4)
  })
})

describe('a full disk', () => {
  test('pauses all slots, refuses pushes meanwhile and continues afterwards', async () => {
    const { loop, works, calls, end } = openLoop({ slots: 2 })
    const push = loop.run('a')
    await end(0, 'no_free_space')
    expect(await push).toBe('no_free_space')
    expect(await loop.run('b')).toBe('busy')
    loop.wake()
    expect(works).toHaveLength(1)
    expect(calls.republished).toBe(1)
    await jest.advanceTimersByTimeAsync(5_000)
    expect(announcedOf(works)).toEqual(['a', undefined, undefined])
  })
})

describe('within a request', () => {
  const requestBound = { timeoutMs: 600_000, jobMs: 540_000 }

  test('the reply waits for the jobs after the first, and is the outcome of the first', async () => {
    const { loop, end } = openLoop({ requestBound })
    const push = loop.run('a')
    await end(0, 'retry')
    expect(await now(push)).toBe('pending')
    await end(1, 'done')
    await end(2, 'none')
    expect(await now(push)).toBe('retry')
  })

  test('the error of a later job does not become the reply', async () => {
    const { loop, end } = openLoop({ requestBound })
    const push = loop.run('a')
    await end(0, 'done')
    await end(1, new Error('the database is unavailable'))
    expect(await now(push)).toBe('done')
  })

  test('no job is claimed that might not end in time, and the longest waiting is published instead', async () => {
    const { loop, works, calls, end } = openLoop({ requestBound })
    const push = loop.run('a')
    await jest.advanceTimersByTimeAsync(45_000)
    await end(0, 'done')
    expect(works).toHaveLength(2)
    await jest.advanceTimersByTimeAsync(1)
    await end(1, 'done')
    expect(works).toHaveLength(2)
    expect(calls.republished).toBe(1)
    expect(await now(push)).toBe('done')
  })

  test('a push to a busy instance is refused, because another one may be started for it', async () => {
    const { loop } = openLoop({ requestBound })
    void loop.run('a')
    expect(await loop.run('b')).toBe('busy')
  })
})

test('every job is counted by its outcome, and so is a push that leads to none', async () => {
  const before = await outcomeCounts()
  const { loop, end } = openLoop()
  void loop.run('a')
  await loop.run('b')
  await end(0, 'done')
  await end(1, 'failed')
  await end(2, 'none')
  await end(3, 'none')
  const after = await outcomeCounts()
  const added = Object.keys(after).map((outcome) => [outcome, (after[outcome] ?? 0) - (before[outcome] ?? 0)])
  expect(Object.fromEntries(added.filter(([, count]) => count !== 0))).toEqual({
    done: 1,
    failed: 1,
    queued: 1,
  })
})

test.each<[PushOutcome, number]>([
  ['done', 1],
  ['retry', 1],
  ['duplicate', 0],
  ['finished', 0],
])('a push whose outcome is %s adds %d durations of attempts', async (outcome, attempts) => {
  const before = await attemptCount()
  const { loop, end } = openLoop()
  void loop.run('a')
  await end(0, outcome)
  await end(1, 'none')
  expect((await attemptCount()) - before).toBe(attempts)
})

async function attemptCount(): Promise<number> {
  const { text } = await readMetrics()
  return Number(/^cutroom_job_duration_seconds_count (\d+)$/m.exec(text)?.[1])
}

async function outcomeCounts(): Promise<Record<string, number>> {
  const { text } = await readMetrics()
  const lines = text.matchAll(/^cutroom_job_outcomes_total\{outcome="(\w+)"\} (\d+)$/gm)
  return Object.fromEntries([...lines].map(([, outcome = '', count]) => [outcome, Number(count)]))
}
