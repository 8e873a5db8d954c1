import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { BUILD, chunksAndStitch, openTestTasks, type TestTasks } from '#test/task-fixtures.ts'
import type { Claim } from '../rows.ts'

let t: TestTasks
let userId: string
beforeAll(async () => {
  t = await openTestTasks()
})
afterAll(() => t.close())
beforeEach(async () => {
  userId = await t.reset()
})

const error = { code: 'media.failed', message: 'it broke' }
const at = (claims: Claim[], index: number) => claims[index] as Claim

describe('the progress of an expanded task', () => {
  // The weights of the default jobs are 4, 4, 1 and 1.
  test('is the mean of its jobs by weight', async () => {
    const { taskId } = await t.addExpandedTask(userId)
    const claims = await t.claimAll()
    const progress = async () => (await t.tasks.find(userId, taskId))?.progress
    await t.jobs.heartbeat(at(claims, 0), 50)
    expect(await progress()).toBe(20)
    await t.jobs.heartbeat(at(claims, 2), 90)
    expect(await progress()).toBe(29)
    await t.jobs.complete(at(claims, 0), {})
    expect(await progress()).toBe(49)
  })

  test('never falls when a job is repeated, and stays below 100 before the end', async () => {
    const { taskId } = await t.addExpandedTask(userId)
    const claims = await t.claimAll()
    const progress = async () => (await t.tasks.find(userId, taskId))?.progress
    await t.jobs.heartbeat(at(claims, 0), 75)
    await t.jobs.retry(at(claims, 0), error, { delayMs: 0, counts: true })
    const again = await t.claim()
    await t.jobs.heartbeat(again, 10)
    expect(await progress()).toBe(30)
    for (const claim of [again, ...claims.slice(1)]) await t.jobs.complete(claim, {})
    await t.jobs.heartbeat(await t.claim(), 100)
    expect(await progress()).toBe(99)
  })

  test('notifies listeners once a second at most', async () => {
    const client = await t.database.openClient()
    try {
      await t.addExpandedTask(userId, chunksAndStitch(8))
      const claims = await t.claimAll()
      let notified = 0
      client.on('notification', () => notified++)
      await client.query('LISTEN cutroom_task')
      const startedAt = performance.now()
      for (const percent of [20, 40, 60, 80])
        for (const claim of claims) await t.jobs.heartbeat(claim, percent)
      for (const claim of claims.slice(1)) await t.jobs.complete(claim, {})
      const seconds = (performance.now() - startedAt) / 1000
      await client.query('SELECT 1')
      expect(notified).toBeLessThanOrEqual(Math.ceil(seconds))
    } finally {
      await client.end()
    }
  })

  test('comes with a summary of the jobs', async () => {
    const { taskId } = await t.addExpandedTask(userId)
    const claims = await t.claimAll()
    await t.jobs.complete(at(claims, 0), {})
    await t.jobs.heartbeat(at(claims, 1), 25)
    const jobs = (await t.tasks.find(userId, taskId))?.jobs
    expect(jobs?.sort((a, b) => `${a.kind}${a.status}`.localeCompare(`${b.kind}${b.status}`))).toEqual([
      { kind: 'audio', status: 'running', count: 1, weight: 1, done: 0 },
      { kind: 'chunk', status: 'running', count: 1, weight: 4, done: 1 },
      { kind: 'chunk', status: 'succeeded', count: 1, weight: 4, done: 4 },
      { kind: 'stitch', status: 'queued', count: 1, weight: 1, done: 0 },
    ])
  })
})

describe('turns', () => {
  test("are between users: a film's 40 chunks delay another user's task by one chunk at most", async () => {
    await t.addExpandedTask(userId, chunksAndStitch(40))
    for (let i = 0; i < 3; i++) await t.jobs.complete(await t.claim(), {})
    const chunk = await t.claim()
    const reel = await t.addTask(await t.addUser())
    await t.jobs.complete(chunk, {})
    expect((await t.claim()).jobId).toBe(reel.jobId)
    expect((await t.claim()).kind).toBe('chunk')
  })

  test('of a user go to the older task, whose chunks are as old as it', async () => {
    const film = await t.addTask(userId)
    const render = await t.claim()
    await t.addTask(userId)
    const expansion = { sources: [], plan: {}, build: BUILD, jobs: chunksAndStitch(2) }
    await t.jobs.expand(render, expansion)
    expect((await t.claim()).taskId).toBe(film.taskId)
  })
})

describe('a worker of another build', () => {
  const OTHER = 'ffmpeg 8'
  const waitLong = () =>
    t.database.query(
      "UPDATE jobs SET run_after = now() - interval '3 minutes' WHERE status = 'queued' AND waits_for = 0",
    )

  test('is not given the jobs, unless nobody else has claimed them', async () => {
    const { jobIds } = await t.addExpandedTask(userId)
    expect((await t.jobs.claim(userId, OTHER)).kind).toBe('unknown')
    const own = await t.claim()
    await waitLong()
    expect((await t.jobs.claim(userId, OTHER)).kind).toBe('unknown')
    await t.jobs.giveBack(own)
    await waitLong()
    expect(await t.jobs.claim(userId, OTHER)).toMatchObject({
      kind: 'claimed',
      claim: { jobId: jobIds[0], build: BUILD },
    })
  })

  test('is given the tasks of other users meanwhile', async () => {
    await t.addExpandedTask(userId)
    const { jobId } = await t.addTask(await t.addUser())
    expect(await t.jobs.claim(userId, OTHER)).toMatchObject({ kind: 'claimed', claim: { jobId } })
  })

  test('turns the task back into one queued render', async () => {
    const { taskId, render } = await t.addExpandedTask(userId)
    const [done, held, sibling] = (await t.claimAll()) as [Claim, Claim, Claim]
    await t.jobs.complete(done, {})
    expect(await t.jobs.replan(held)).toBe(true)
    expect(await t.jobs.replan(held)).toBe(false)
    expect(await t.jobsOf(taskId)).toEqual([])
    expect(await t.tasks.find(userId, taskId)).toMatchObject({
      status: 'queued',
      progress: 0,
      expanded_at: null,
    })
    expect(await t.jobs.complete(sibling, {})).toBe(false)
    expect(await t.claim()).toMatchObject({ jobId: render.jobId, kind: 'render', attempt: 2, plan: null })
  })

  test('that was overtaken replans nothing', async () => {
    const { taskId } = await t.addExpandedTask(userId)
    const stale = await t.claim()
    await t.jobs.giveBack(stale)
    expect(await t.jobs.replan(stale)).toBe(false)
    expect(await t.jobsOf(taskId)).toHaveLength(4)
  })
})

describe('the sweep', () => {
  test('finds nothing to repair in healthy tasks', async () => {
    await t.addExpandedTask(userId)
    const claims = await t.claimAll()
    expect(await t.sweeps.repairTasks(10)).toBe(0)
    await t.jobs.complete(at(claims, 0), {})
    await t.jobs.fail(at(claims, 1), error, { usedUp: false })
    expect(await t.sweeps.repairTasks(10)).toBe(0)
  })

  test.each([5, 1])('corrects a wrong count of %i', async (count) => {
    const { taskId } = await t.addExpandedTask(userId)
    const claims = await t.claimAll()
    await t.jobs.complete(at(claims, 0), {})
    await t.database.query("UPDATE jobs SET waits_for = $1 WHERE kind = 'stitch'", [count])
    expect(await t.sweeps.repairTasks(10)).toBe(1)
    expect((await t.jobsOf(taskId))[3]).toMatchObject({ waits_for: 2, ready: false, publish_at: null })
  })

  test('lets a job be claimed whose last countdown was missed', async () => {
    const { taskId } = await t.addExpandedTask(userId)
    for (const claim of await t.claimAll()) await t.jobs.complete(claim, {})
    await t.database.query(
      "UPDATE jobs SET waits_for = 1, run_after = 'infinity', publish_at = NULL WHERE kind = 'stitch'",
    )
    expect(await t.sweeps.repairTasks(10)).toBe(1)
    expect((await t.jobsOf(taskId))[3]).toMatchObject({
      waits_for: 0,
      ready: true,
      publish_at: expect.any(Date),
    })
    expect(await t.sweeps.claimDueForPublish(10)).toHaveLength(1)
    expect((await t.claim()).kind).toBe('stitch')
  })

  test('aborts the jobs of a task that has ended without them, and none is claimed before', async () => {
    const { taskId } = await t.addExpandedTask(userId)
    await t.claim()
    await t.database.query("UPDATE tasks SET status = 'failed', finished_at = now()")
    expect(await t.claimAll()).toEqual([])
    expect(await t.sweeps.repairTasks(10)).toBe(4)
    expect(new Set((await t.jobsOf(taskId)).map(({ status }) => status))).toEqual(new Set(['aborted']))
  })
})

test('a claim says for how long the work of its task has been divided, without the time before a retry', async () => {
  const { taskId } = await t.addExpandedTask(userId)
  const dividedSeconds = async () => {
    const result = await t.jobs.claim(undefined, BUILD)
    if (result.kind !== 'claimed') throw new Error(`Nothing was claimed: ${result.kind}.`)
    return { claim: result.claim, seconds: result.dividedSeconds }
  }
  await t.database.query("UPDATE tasks SET expanded_at = now() - interval '100 s'")
  const { claim, seconds } = await dividedSeconds()
  expect(seconds).toBeGreaterThanOrEqual(100)
  await t.jobs.fail(claim, error, { usedUp: true })
  await t.database.query(
    "UPDATE tasks SET finished_at = finished_at - interval '1 h', expanded_at = expanded_at - interval '1 h'",
  )
  await t.tasks.retry(userId, taskId)
  const retried = await dividedSeconds()
  expect(retried.seconds).toBeGreaterThanOrEqual(100)
  expect(retried.seconds).toBeLessThan(3600)
  await t.reset()
  await t.addTask(await t.addUser())
  expect((await dividedSeconds()).seconds).toBeUndefined()
})
