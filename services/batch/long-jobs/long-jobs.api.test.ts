import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { silentLogger } from '#shared/observability/logger.ts'
import { jobRepository } from '#shared/tasks/job-repository.ts'
import { sweepRepository } from '#shared/tasks/sweep-repository.ts'
import { BUILD, expireLeases, openTestTasks, settings, type TestTasks } from '#test/task-fixtures.ts'
import { createClaimLoop, type RequestBound } from '../jobs/claim-loop.ts'
import { createJobSlots } from '../jobs/job-slots.ts'
import type { PushOutcome } from '../push/reply.ts'

let t: TestTasks
let user: string
beforeEach(async () => {
  t = await openTestTasks()
  user = await t.addUser()
})
afterEach(() => t.close())

/** Which jobs take longer than a push, as a worker would estimate. */
const tooLong = new Set<string>()

/** A worker with one slot. Pushed ones hand over what is too long for them; `done` has the jobs that it ended. */
function openWorker({ isPushed }: { isPushed: boolean }) {
  const done: string[] = []
  const jobs = jobRepository(t.database, { ...settings, claimsLongJobs: !isPushed })
  async function process(jobId?: string): Promise<PushOutcome> {
    const result = await jobs.claim(jobId, BUILD)
    if (result.kind !== 'claimed') return result.kind === 'held' ? 'duplicate' : result.kind
    const { claim } = result
    if (isPushed && tooLong.has(claim.jobId)) return (await jobs.handOver(claim)) ? 'handed_over' : 'finished'
    done.push(claim.jobId)
    return (await jobs.finish(claim, { sources: [], outputs: [] })) ? 'done' : 'finished'
  }
  const bound: RequestBound = { timeoutMs: 600_000, jobMs: 540_000 }
  const loop = createClaimLoop(
    {
      slots: createJobSlots(1),
      process,
      maintenance: { republishWaiting: async () => {}, sendNewNotifications: async () => {} },
      requestBound: isPushed ? bound : undefined,
      log: silentLogger,
    },
    new AbortController().signal,
  )
  return { loop, done, jobs }
}

async function addJob({ isLong }: { isLong: boolean }) {
  const { jobId } = await t.addTask(user)
  if (isLong) tooLong.add(jobId)
  return jobId
}

/** The sweep of a deployment in which a Cloud Run job works on long jobs. */
const sweeps = () => sweepRepository(t.database, { ...settings, longJobsHaveWorkers: true })
const makeDue = () => t.database.query("UPDATE jobs SET publish_at = now() WHERE status = 'queued'")

test('a push works off what fits, and never claims again a job that does not', async () => {
  const long = await addJob({ isLong: true })
  const short = [await addJob({ isLong: false }), await addJob({ isLong: false })]
  const { loop, done } = openWorker({ isPushed: true })
  expect(await loop.run(long)).toBe('handed_over')
  expect(done).toEqual(short)
  expect(await loop.run(long)).toBe('duplicate')
  expect(await t.jobRow(long)).toMatchObject({ status: 'queued', attempt: 1, failures: 0 })
})

test('a worker with the time works off all of them, and ends', async () => {
  const long = await addJob({ isLong: true })
  await openWorker({ isPushed: true }).loop.run(long)
  const short = await addJob({ isLong: false })
  const { loop, done } = openWorker({ isPushed: false })
  await loop.workOff()
  expect(done.toSorted()).toEqual([long, short].toSorted())
})

test('a long job whose worker died stays one that no push claims', async () => {
  const long = await addJob({ isLong: true })
  const pushed = openWorker({ isPushed: true })
  await pushed.loop.run(long)
  const { jobs } = openWorker({ isPushed: false })
  expect(await jobs.claim(undefined, BUILD)).toMatchObject({ kind: 'claimed', claim: { jobId: long } })
  await expireLeases(t.database)
  expect(await t.sweeps.requeueExpired(10)).toEqual({ requeued: 1, failed: 0 })
  expect(await pushed.loop.run(long)).toBe('duplicate')
})

test('a long job that must run alone holds up no pushes', async () => {
  const long = await addJob({ isLong: true })
  const pushed = openWorker({ isPushed: true })
  await pushed.loop.run(long)
  await t.database.query("UPDATE jobs SET worker_losses = 2, run_after = now() - interval '5 minutes'")
  const short = await addJob({ isLong: false })
  expect(await pushed.jobs.claim(undefined, BUILD, false)).toMatchObject({ claim: { jobId: short } })
})

test('long jobs of a divided render are left alone by pushes, too, and are not published', async () => {
  await t.addTask(user)
  const { jobs } = openWorker({ isPushed: true })
  const render = await t.claim()
  const part = { kind: 'audio' as const, params: {}, weight: 1, unblocks: null }
  const ready = await jobs.expand(render, {
    sources: [],
    plan: {},
    build: BUILD,
    jobs: [{ ...part, longRunning: true }, part],
  })
  expect(ready).toHaveLength(1)
  expect(await jobs.claim(undefined, BUILD)).toMatchObject({ claim: { jobId: ready?.[0] } })
  expect(await jobs.claim(undefined, BUILD)).toEqual({ kind: 'none' })
  expect((await t.claimAll()).length).toBe(1)
})

test('a worker is started for long jobs that wait, again after a while, and for no others', async () => {
  const short = await addJob({ isLong: false })
  await makeDue()
  expect(await sweeps().claimStartForLongJobs(1)).toBe(false)
  const long = await addJob({ isLong: true })
  await openWorker({ isPushed: true }).loop.run(long)
  expect(await sweeps().claimStartForLongJobs(1)).toBe(true)
  expect(await sweeps().claimStartForLongJobs(1)).toBe(false)
  await makeDue()
  expect(await sweeps().claimStartForLongJobs(1)).toBe(true)
  expect(await t.jobRow(short)).toMatchObject({ status: 'succeeded' })
})

test('no more workers are started than there may be', async () => {
  const pushed = openWorker({ isPushed: true })
  for (let job = 0; job < 2; job += 1) await pushed.loop.run(await addJob({ isLong: true }))
  const { jobs } = openWorker({ isPushed: false })
  await jobs.claim(undefined, BUILD)
  expect(await sweeps().claimStartForLongJobs(1)).toBe(false)
  expect(await sweeps().claimStartForLongJobs(2)).toBe(true)
})

test('long jobs are published as others are only where nobody has more time than a push', async () => {
  const long = await addJob({ isLong: true })
  await openWorker({ isPushed: true }).loop.run(long)
  await t.database.query("UPDATE jobs SET run_after = now() - interval '1 minute', publish_at = now()")
  expect(await sweeps().claimDueForPublish(10)).toEqual([])
  expect(await sweeps().claimLongestWaiting()).toBeUndefined()
  expect(await t.sweeps.claimDueForPublish(10)).toEqual([long])
})
