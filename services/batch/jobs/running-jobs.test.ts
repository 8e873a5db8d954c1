import { expect, test } from '@jest/globals'
import type { ClaimResult } from '#shared/tasks/job-repository.ts'
import { createRunningJobs, type RunningJob } from './running-jobs.ts'
import { claim } from './testing/fakes.ts'

const claimed = (alone: boolean): ClaimResult => ({
  kind: 'claimed',
  waitedSeconds: 0,
  claim: { ...claim, alone },
})

/** Enters and claims; `idle` is what the claim received. */
async function take(runningJobs: ReturnType<typeof createRunningJobs>, result: ClaimResult) {
  const running = (await runningJobs.begin()) as RunningJob
  let idle: boolean | undefined
  await running.claim(async (isIdle) => {
    idle = isIdle
    return result
  })
  return { idle, leave: () => running[Symbol.dispose]() }
}

test('only the first job of a process may be one that must run alone', async () => {
  const runningJobs = createRunningJobs()
  const first = await take(runningJobs, claimed(false))
  const second = await take(runningJobs, claimed(false))
  expect([first.idle, second.idle]).toEqual([true, false])
  first.leave()
  expect((await take(runningJobs, claimed(false))).idle).toBe(false)
})

test('a job that must run alone has the process for itself until it ends', async () => {
  let ended = 0
  const runningJobs = createRunningJobs(() => {
    ended += 1
  })
  const alone = await take(runningJobs, claimed(true))
  expect(await runningJobs.begin()).toBeUndefined()
  alone.leave()
  expect(ended).toBe(1)
  const next = await take(runningJobs, claimed(false))
  expect(next.idle).toBe(true)
  next.leave()
  expect(ended).toBe(1)
})

test('nobody claims beside a claim that may get such a job', async () => {
  const runningJobs = createRunningJobs()
  const running = (await runningJobs.begin()) as RunningJob
  const pending = Promise.withResolvers<ClaimResult>()
  const claiming = running.claim(() => pending.promise)
  const others = [runningJobs.begin(), runningJobs.begin()]
  pending.resolve(claimed(true))
  await claiming
  expect(await Promise.all(others)).toEqual([undefined, undefined])
})

test('a claim that fails or finds nothing leaves the process idle', async () => {
  const runningJobs = createRunningJobs()
  const running = (await runningJobs.begin()) as RunningJob
  await expect(running.claim(async () => Promise.reject(new Error('no database')))).rejects.toThrow(
    'no database',
  )
  running[Symbol.dispose]()
  const none = await take(runningJobs, { kind: 'none' })
  expect(none.idle).toBe(true)
  none.leave()
  expect((await take(runningJobs, { kind: 'none' })).idle).toBe(true)
})
