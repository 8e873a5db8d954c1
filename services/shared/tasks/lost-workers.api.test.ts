import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { BUILD, expireLeases, openTestTasks, settings, type TestTasks } from '#test/task-fixtures.ts'
import { type SweepRepository, sweepRepository } from './sweep-repository.ts'

let t: TestTasks
let sweeps: SweepRepository
let userId: string
beforeAll(async () => {
  t = await openTestTasks()
})
afterAll(() => t.close())
beforeEach(async () => {
  userId = await t.reset()
  sweeps = sweepRepository(t.database, { ...settings, maxAttempts: 5 })
})

const IDLE = true
const BUSY = false
const claimAs = async (isIdle: boolean) => {
  const result = await t.jobs.claim(undefined, BUILD, isIdle)
  return result.kind === 'claimed' ? result.claim : undefined
}

/** The worker that has a job dies, so many times. */
async function loseWorkers(times: number) {
  for (let i = 0; i < times; i++) {
    await claimAs(IDLE)
    await expireLeases(t.database)
    await sweeps.requeueExpired(10)
  }
}
const readySince = (interval: string) =>
  t.database.query(`UPDATE jobs SET run_after = now() - interval '${interval}' WHERE status = 'queued'`)

describe('a job whose worker died twice', () => {
  test('is left to a worker that runs no other, and runs alone there', async () => {
    const { jobId } = await t.addTask(userId)
    await loseWorkers(1)
    expect(await claimAs(BUSY)).toMatchObject({ jobId, alone: false })
    await expireLeases(t.database)
    await sweeps.requeueExpired(10)
    expect(await claimAs(BUSY)).toBeUndefined()
    expect(await claimAs(IDLE)).toMatchObject({ jobId, alone: true })
  })

  test('does not keep busy workers from the jobs of others', async () => {
    await t.addTask(userId)
    await loseWorkers(2)
    const { jobId } = await t.addTask(await t.addUser())
    expect(await claimAs(BUSY)).toMatchObject({ jobId, alone: false })
  })

  test('that has waited for a minute lets them run out of jobs, so that one of them is idle', async () => {
    const { jobId } = await t.addTask(userId)
    await loseWorkers(2)
    await t.addTask(await t.addUser())
    await readySince('2 minutes')
    expect(await claimAs(BUSY)).toBeUndefined()
    // Users still take turns.
    expect(await claimAs(IDLE)).toMatchObject({ alone: false })
    expect(await claimAs(IDLE)).toMatchObject({ jobId, alone: true })
  })

  test('that nobody takes for 10 minutes holds nobody up for longer', async () => {
    await t.addTask(userId)
    await loseWorkers(2)
    await t.addTask(await t.addUser())
    await readySince('11 minutes')
    expect(await claimAs(BUSY)).toMatchObject({ alone: false })
  })

  test('fails with its reason once two more have died while it was alone, and leaves a dead letter', async () => {
    const { taskId, jobId } = await t.addTask(userId)
    await loseWorkers(3)
    expect(await t.jobRow(jobId)).toMatchObject({ status: 'queued' })
    await loseWorkers(1)
    const task = await t.tasks.find(userId, taskId)
    expect(task).toMatchObject({ status: 'failed', error: { code: 'task.crashes_workers' } })
    expect(task?.error?.message).toMatch(/2 workers stopped while they ran nothing but this task/)
    expect(task?.failures.map(({ code }) => code)).toEqual(Array(4).fill('task.worker_lost'))
    expect(await t.database.query('SELECT job_id FROM dead_letters')).toEqual([{ job_id: jobId }])
  })

  test('is tried as often as the operator allows where workers die often', async () => {
    const { jobId } = await t.addTask(userId)
    sweeps = sweepRepository(t.database, { ...settings, maxAttempts: 8 })
    await loseWorkers(6)
    expect(await t.jobRow(jobId)).toMatchObject({ status: 'queued' })
    await loseWorkers(1)
    expect(await t.jobRow(jobId)).toMatchObject({ status: 'failed' })
  })

  test('runs alone at once when its owner retries the task', async () => {
    const { taskId } = await t.addTask(userId)
    await loseWorkers(4)
    await t.tasks.retry(userId, taskId)
    expect(await claimAs(BUSY)).toBeUndefined()
    expect(await claimAs(IDLE)).toMatchObject({ alone: true, failures: 0 })
  })
})

test('attempts that fail or are given back are no losses', async () => {
  await t.addTask(userId)
  for (let i = 0; i < 2; i++) {
    const claim = await claimAs(BUSY)
    if (claim) await t.jobs.giveBack(claim)
    const next = await claimAs(BUSY)
    if (next) await t.jobs.retry(next, { code: 'media.failed', message: '' }, { delayMs: 0, counts: true })
  }
  expect(await claimAs(BUSY)).toMatchObject({ alone: false, failures: 2 })
})

describe('while others wait, a user with half of the slots or more', () => {
  /** Claims so many jobs, and returns whose they were. */
  const claimMany = async (count: number) => {
    const owners: (string | undefined)[] = []
    for (let i = 0; i < count; i++) owners.push((await claimAs(BUSY))?.userId)
    return owners
  }

  test.each([
    [1, 4],
    [3, 4],
    [9, 10],
  ])('gets none of those that become free: %d of %d slots', async (held, slots) => {
    for (let i = 0; i < 20; i++) await t.addTask(userId)
    await claimMany(held)
    const others = [await t.addUser(), await t.addUser()]
    for (const other of others) for (let i = 0; i < slots; i++) await t.addTask(other)
    const next = await claimMany(slots - held)
    const hers = held + next.filter((owner) => owner === userId).length
    expect(hers).toBeLessThanOrEqual(Math.max(held, Math.ceil(slots / 2)))
  })

  test('gets all of them when nobody else waits', async () => {
    for (let i = 0; i < 10; i++) await t.addTask(userId)
    expect(await claimMany(10)).toEqual(Array(10).fill(userId))
  })
})
