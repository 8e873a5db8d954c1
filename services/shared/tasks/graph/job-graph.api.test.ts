import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { BUILD, chunksAndStitch, expireLeases, openTestTasks, type TestTasks } from '#test/task-fixtures.ts'
import type { Claim, StoredOutput } from '../rows.ts'

let t: TestTasks
let userId: string
beforeAll(async () => {
  t = await openTestTasks()
})
afterAll(() => t.close())
beforeEach(async () => {
  await t.database.query('TRUNCATE users CASCADE')
  await t.database.query('TRUNCATE orphaned_objects')
  userId = await t.addUser()
})

const error = { code: 'media.failed', message: 'it broke' }
const output: StoredOutput = { name: 'a.mp4', content_type: 'video/mp4', bytes: 3, key: 'tasks/a' }
const source = { kind: 'video' } as never
const jobsOf = (taskId: string) =>
  t.database.query<{
    kind: string
    status: string
    waits_for: number
    ready: boolean
    publish_at: Date | null
  }>(
    `SELECT kind, status, waits_for, run_after <= now() AS ready, publish_at FROM jobs
     WHERE task_id = $1 AND kind <> 'render' ORDER BY created_at`,
    [taskId],
  )
const statusesOf = async (taskId: string) =>
  (await jobsOf(taskId)).map(({ kind, status }) => `${kind} ${status}`)

/** Claims whatever is ready, until nothing is. */
async function claimAll(): Promise<Claim[]> {
  const claims: Claim[] = []
  for (;;) {
    const result = await t.jobs.claim(userId, BUILD)
    if (result.kind !== 'claimed') return claims
    claims.push(result.claim)
  }
}
const at = (claims: Claim[], index: number) => claims[index] as Claim

describe('expanding a task', () => {
  test('adds its jobs in order, keeps plan and sources, and lets the task run on', async () => {
    const { taskId } = await t.addTask(userId)
    const render = await t.claim()
    const plan = { fps: 25 }
    const ready = await t.jobs.expand(render, {
      sources: [source],
      plan,
      build: BUILD,
      jobs: [
        { kind: 'chunk', params: { frames: [0, 9] }, weight: 4.5, unblocks: 2 },
        { kind: 'audio', params: {}, weight: 1, unblocks: 2 },
        { kind: 'stitch', params: {}, weight: 2, unblocks: null },
      ],
    })
    expect(ready).toHaveLength(2)
    expect(await t.tasks.find(userId, taskId)).toMatchObject({
      status: 'running',
      sources: [source],
      progress: 0,
    })
    expect(await statusesOf(taskId)).toEqual(['chunk queued', 'audio queued', 'stitch queued'])
    const chunk = await t.claim()
    expect(chunk).toMatchObject({
      jobId: ready?.[0],
      taskId,
      kind: 'chunk',
      attempt: 1,
      params: { frames: [0, 9] },
      plan,
      build: BUILD,
    })
    expect(render).toMatchObject({ kind: 'render', params: {}, plan: null, build: null })
  })

  test('is repeated without effect when its reply was lost', async () => {
    const { render, taskId, jobIds } = await t.addExpandedTask(userId)
    const again = await t.jobs.expand(render, {
      sources: [],
      plan: {},
      build: BUILD,
      jobs: chunksAndStitch(9),
    })
    expect(again).toEqual(jobIds.slice(0, 3))
    expect(await jobsOf(taskId)).toHaveLength(4)
  })

  test('by a worker whose job was claimed again changes nothing', async () => {
    const { taskId } = await t.addTask(userId)
    const stale = await t.claim()
    await expireLeases(t.database)
    await t.sweeps.requeueExpired(10)
    await t.claim()
    const expansion = { sources: [source], plan: {}, build: BUILD, jobs: chunksAndStitch(2) }
    expect(await t.jobs.expand(stale, expansion)).toBeUndefined()
    expect(await jobsOf(taskId)).toEqual([])
    expect(await t.tasks.find(userId, taskId)).toMatchObject({ sources: [], expanded_at: null })
  })

  test('and aborting it at the same moment leaves no active job behind', async () => {
    for (let i = 0; i < 20; i++) {
      const { taskId } = await t.addTask(userId)
      const render = await t.claim()
      const expansion = { sources: [], plan: {}, build: BUILD, jobs: chunksAndStitch(5) }
      const [ready, aborted] = await Promise.all([
        t.jobs.expand(render, expansion),
        t.tasks.abort(userId, taskId),
      ])
      expect(aborted?.status).toBe('aborted')
      const statuses = (await jobsOf(taskId)).map(({ status }) => status)
      expect(statuses).toEqual(ready ? Array(6).fill('aborted') : [])
    }
  })
})

describe('a job that waits for others', () => {
  test('is invisible to claims and to the sweep', async () => {
    const { taskId } = await t.addExpandedTask(userId)
    expect((await claimAll()).map(({ kind }) => kind)).toEqual(['chunk', 'chunk', 'audio'])
    expect((await jobsOf(taskId))[3]).toEqual({
      kind: 'stitch',
      status: 'queued',
      waits_for: 3,
      ready: false,
      publish_at: null,
    })
    await t.database.query(
      "UPDATE jobs SET publish_at = now() - interval '1 hour' WHERE publish_at IS NOT NULL",
    )
    expect(await t.sweeps.claimDueForPublish(10)).toEqual([])
    expect(await t.sweeps.claimLongestWaiting()).toBeUndefined()
  })

  test('is due at once when the last of them has completed', async () => {
    const { taskId } = await t.addExpandedTask(userId)
    for (const claim of await claimAll()) expect(await t.jobs.complete(claim, { key: claim.kind })).toBe(true)
    expect((await jobsOf(taskId))[3]).toMatchObject({
      waits_for: 0,
      ready: true,
      publish_at: expect.any(Date),
    })
    const stitch = await t.claim()
    expect(stitch.kind).toBe('stitch')
    expect(await t.jobs.results(taskId)).toEqual([
      { kind: 'chunk', params: { frames: [0, 100] }, result: { key: 'chunk' } },
      { kind: 'chunk', params: { frames: [100, 200] }, result: { key: 'chunk' } },
      { kind: 'audio', params: {}, result: { key: 'audio' } },
    ])
  })

  test('can wait in turn: measure, then audio, then stitch', async () => {
    const job = (kind: 'measure' | 'audio' | 'stitch', unblocks: number | null) => ({
      kind,
      params: {},
      weight: 1,
      unblocks,
    })
    await t.addExpandedTask(userId, [job('measure', 1), job('audio', 2), job('stitch', null)])
    for (const kind of ['measure', 'audio', 'stitch']) {
      const [claim, ...others] = await claimAll()
      expect([claim?.kind, others]).toEqual([kind, []])
      if (kind !== 'stitch') await t.jobs.complete(claim as Claim, {})
    }
  })

  test('is unblocked once when the last two end at the same moment', async () => {
    for (let round = 0; round < 50; round++) {
      const { taskId } = await t.addExpandedTask(userId, chunksAndStitch(2))
      const claims = await claimAll()
      const done = await Promise.all(claims.map((claim) => t.jobs.complete(claim, {})))
      expect(done).toEqual([true, true])
      const [stitch, ...others] = await claimAll()
      expect([stitch?.kind, stitch?.taskId, others]).toEqual(['stitch', taskId, []])
      expect(await t.jobs.finish(stitch as Claim, { sources: undefined, outputs: [] })).toBe(true)
    }
  }, 60_000)
})

describe('completing a job', () => {
  test('counts once when its reply was lost', async () => {
    const { taskId } = await t.addExpandedTask(userId)
    const chunk = await t.claim()
    expect(await t.jobs.complete(chunk, { key: 'a' })).toBe(true)
    expect(await t.jobs.complete(chunk, { key: 'b' })).toBe(true)
    expect((await jobsOf(taskId))[3]?.waits_for).toBe(2)
    expect((await t.jobRow(chunk.jobId)).result).toEqual({ key: 'a' })
  })

  test('by a worker whose job was claimed again changes nothing', async () => {
    const { taskId } = await t.addExpandedTask(userId)
    const stale = await t.claim()
    await expireLeases(t.database)
    await t.sweeps.requeueExpired(10)
    const chunk = await t.claim()
    expect(chunk).toMatchObject({ jobId: stale.jobId, attempt: 2 })
    expect(await t.jobs.complete(stale, {})).toBe(false)
    expect((await jobsOf(taskId))[3]?.waits_for).toBe(3)
    expect((await t.jobRow(chunk.jobId)).status).toBe('running')
    expect(await t.jobs.complete(chunk, {})).toBe(true)
    expect(await t.jobs.complete(stale, {})).toBe(false)
    expect((await jobsOf(taskId))[3]?.waits_for).toBe(2)
  })
})

describe('finishing a stitch', () => {
  async function claimStitch() {
    const { taskId } = await t.addExpandedTask(userId, chunksAndStitch(1))
    await t.database.query('UPDATE tasks SET sources = $1', [JSON.stringify([source])])
    await t.jobs.complete(await t.claim(), {})
    return { taskId, stitch: await t.claim() }
  }

  test('ends the task and keeps the sources of the expansion', async () => {
    const { taskId, stitch } = await claimStitch()
    const result = { sources: undefined, outputs: [output] }
    expect(await t.jobs.finish(stitch, result)).toBe(true)
    expect(await t.jobs.finish(stitch, { ...result, outputs: [] })).toBe(true)
    expect(await t.tasks.find(userId, taskId)).toMatchObject({
      status: 'succeeded',
      progress: 100,
      sources: [source],
      outputs: [output],
    })
  })

  test('by a worker whose job was claimed again changes nothing', async () => {
    const { taskId, stitch } = await claimStitch()
    await t.jobs.giveBack(stitch)
    await t.claim()
    expect(await t.jobs.finish(stitch, { sources: undefined, outputs: [output] })).toBe(false)
    expect(await t.tasks.find(userId, taskId)).toMatchObject({ status: 'running', outputs: [] })
  })
})

describe('a chunk that fails', () => {
  test('is retried alone, and the task names the kind of job', async () => {
    const { taskId } = await t.addExpandedTask(userId)
    const [first, second] = await claimAll()
    await t.jobs.retry(first as Claim, error, { delayMs: 0, counts: true })
    expect(await t.tasks.find(userId, taskId)).toMatchObject({
      status: 'running',
      attempts: 1,
      failures: [{ attempt: 1, ...error, job: 'chunk' }],
    })
    expect(await t.jobs.heartbeat(second as Claim, 1)).toBe(true)
    expect(await t.claim()).toMatchObject({
      jobId: first?.jobId,
      attempt: 2,
      failures: 1,
      lastFailure: error,
    })
    expect((await t.tasks.find(userId, taskId))?.attempts).toBe(2)
  })

  test('is no previous failure of another chunk', async () => {
    await t.addExpandedTask(userId)
    await t.jobs.retry(await t.claim(), error, { delayMs: 60_000, counts: true })
    expect(await t.claim()).toMatchObject({ kind: 'chunk', failures: 0, lastFailure: null })
  })

  test('for good fails the task, and fences out the workers of its other jobs', async () => {
    const { taskId } = await t.addExpandedTask(userId)
    const claims = await claimAll()
    await t.jobs.complete(at(claims, 1), {})
    expect(await t.jobs.fail(at(claims, 0), error, { usedUp: true })).toBe(true)
    expect(await t.tasks.find(userId, taskId)).toMatchObject({ status: 'failed', error })
    expect(await statusesOf(taskId)).toEqual([
      'chunk failed',
      'chunk succeeded',
      'audio aborted',
      'stitch aborted',
    ])
    expect(await t.jobs.heartbeat(at(claims, 2), 50)).toBe(false)
    expect(await t.jobs.complete(at(claims, 2), {})).toBe(false)
    expect(await claimAll()).toEqual([])
  })

  test('leaves the latest 100 failures with the task', async () => {
    const { taskId } = await t.addExpandedTask(userId, chunksAndStitch(1))
    await t.database.query(
      `UPDATE tasks SET failures = (SELECT jsonb_agg(jsonb_build_object('attempt', n)) FROM generate_series(1, 100) n)`,
    )
    await t.jobs.retry(await t.claim(), error, { delayMs: 0, counts: false })
    const failures = (await t.tasks.find(userId, taskId))?.failures
    expect(failures).toHaveLength(100)
    expect([failures?.[0]?.attempt, failures?.[99]?.code]).toEqual([2, error.code])
  })
})

test('several chunks that fail, complete and lose their worker at the same moment do not block each other', async () => {
  for (let round = 0; round < 20; round++) {
    const { taskId } = await t.addExpandedTask(userId, chunksAndStitch(8))
    const claims = await claimAll()
    await Promise.all([
      t.jobs.fail(at(claims, 7), error, { usedUp: true }),
      t.jobs.fail(at(claims, 0), error, { usedUp: false }),
      t.jobs.complete(at(claims, 3), {}),
      t.jobs.complete(at(claims, 6), {}),
      t.jobs.heartbeat(at(claims, 1), 50),
      t.jobs.retry(at(claims, 2), error, { delayMs: 0, counts: true }),
      t.jobs.giveBack(at(claims, 4)),
      t.jobs.claim(userId, BUILD),
      t.tasks.abort(userId, taskId),
    ])
    const active = (await statusesOf(taskId)).filter((status) => /queued|running/.test(status))
    expect(active).toEqual([])
    expect(['failed', 'aborted']).toContain((await t.tasks.find(userId, taskId))?.status)
  }
}, 60_000)

test('two sweeps requeue the chunks of two tasks whose workers were lost, each once', async () => {
  for (let i = 0; i < 2; i++) await t.addExpandedTask(userId, chunksAndStitch(4)).then(claimAll)
  await expireLeases(t.database)
  const sweeps = await Promise.all([t.sweeps.requeueExpired(10), t.sweeps.requeueExpired(10)])
  expect(sweeps.reduce((sum, { requeued }) => sum + requeued, 0)).toBe(8)
})

test('aborting a task aborts all its jobs', async () => {
  const { taskId } = await t.addExpandedTask(userId)
  const claims = await claimAll()
  await t.jobs.complete(at(claims, 0), {})
  expect(await t.tasks.abort(userId, taskId)).toMatchObject({ status: 'aborted' })
  expect(await statusesOf(taskId)).toEqual([
    'chunk succeeded',
    'chunk aborted',
    'audio aborted',
    'stitch aborted',
  ])
  expect(await t.jobs.complete(at(claims, 1), {})).toBe(false)
  expect(await t.jobs.heartbeat(at(claims, 2), 5)).toBe(false)
})

describe('the progress of an expanded task', () => {
  // The weights of the default jobs are 4, 4, 1 and 1.
  test('is the mean of its jobs by weight', async () => {
    const { taskId } = await t.addExpandedTask(userId)
    const claims = await claimAll()
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
    const claims = await claimAll()
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
      const claims = await claimAll()
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
    const claims = await claimAll()
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
    const [done, held, sibling] = (await claimAll()) as [Claim, Claim, Claim]
    await t.jobs.complete(done, {})
    expect(await t.jobs.replan(held)).toBe(true)
    expect(await t.jobs.replan(held)).toBe(false)
    expect(await jobsOf(taskId)).toEqual([])
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
    expect(await jobsOf(taskId)).toHaveLength(4)
  })
})

describe('the sweep', () => {
  test('finds nothing to repair in healthy tasks', async () => {
    await t.addExpandedTask(userId)
    const claims = await claimAll()
    expect(await t.sweeps.repairTasks(10)).toBe(0)
    await t.jobs.complete(at(claims, 0), {})
    await t.jobs.fail(at(claims, 1), error, { usedUp: false })
    expect(await t.sweeps.repairTasks(10)).toBe(0)
  })

  test.each([5, 1])('corrects a wrong count of %i', async (count) => {
    const { taskId } = await t.addExpandedTask(userId)
    const claims = await claimAll()
    await t.jobs.complete(at(claims, 0), {})
    await t.database.query("UPDATE jobs SET waits_for = $1 WHERE kind = 'stitch'", [count])
    expect(await t.sweeps.repairTasks(10)).toBe(1)
    expect((await jobsOf(taskId))[3]).toMatchObject({ waits_for: 2, ready: false, publish_at: null })
  })

  test('lets a job be claimed whose last countdown was missed', async () => {
    const { taskId } = await t.addExpandedTask(userId)
    for (const claim of await claimAll()) await t.jobs.complete(claim, {})
    await t.database.query(
      "UPDATE jobs SET waits_for = 1, run_after = 'infinity', publish_at = NULL WHERE kind = 'stitch'",
    )
    expect(await t.sweeps.repairTasks(10)).toBe(1)
    expect((await jobsOf(taskId))[3]).toMatchObject({
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
    expect(await claimAll()).toEqual([])
    expect(await t.sweeps.repairTasks(10)).toBe(4)
    expect(new Set((await jobsOf(taskId)).map(({ status }) => status))).toEqual(new Set(['aborted']))
  })
})
