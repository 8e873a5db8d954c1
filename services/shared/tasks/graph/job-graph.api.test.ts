import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { BUILD, chunksAndStitch, expireLeases, openTestTasks, type TestTasks } from '#test/task-fixtures.ts'
import type { Claim, StoredOutput } from '../rows.ts'
import { eraseTask } from './erase-task.ts'

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
const output: StoredOutput = { name: 'a.mp4', content_type: 'video/mp4', bytes: 3, key: 'tasks/a' }
const source = { kind: 'video' } as never
const statusesOf = async (taskId: string) =>
  (await t.jobsOf(taskId)).map(({ kind, status }) => `${kind} ${status}`)

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
    expect(await t.jobsOf(taskId)).toHaveLength(4)
  })

  test('by a worker whose job was claimed again changes nothing', async () => {
    const { taskId } = await t.addTask(userId)
    const stale = await t.claim()
    await expireLeases(t.database)
    await t.sweeps.requeueExpired(10)
    await t.claim()
    const expansion = { sources: [source], plan: {}, build: BUILD, jobs: chunksAndStitch(2) }
    expect(await t.jobs.expand(stale, expansion)).toBeUndefined()
    expect(await t.jobsOf(taskId)).toEqual([])
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
      const statuses = (await t.jobsOf(taskId)).map(({ status }) => status)
      expect(statuses).toEqual(ready ? Array(6).fill('aborted') : [])
    }
  })
})

describe('a job that waits for others', () => {
  test('is invisible to claims and to the sweep', async () => {
    const { taskId } = await t.addExpandedTask(userId)
    expect((await t.claimAll()).map(({ kind }) => kind)).toEqual(['chunk', 'chunk', 'audio'])
    expect((await t.jobsOf(taskId))[3]).toEqual({
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
    for (const claim of await t.claimAll())
      expect(await t.jobs.complete(claim, { key: claim.kind })).toBe(true)
    expect((await t.jobsOf(taskId))[3]).toMatchObject({
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
      const [claim, ...others] = await t.claimAll()
      expect([claim?.kind, others]).toEqual([kind, []])
      if (kind !== 'stitch') await t.jobs.complete(claim as Claim, {})
    }
  })

  test('is unblocked once when the last two end at the same moment', async () => {
    for (let round = 0; round < 50; round++) {
      const { taskId } = await t.addExpandedTask(userId, chunksAndStitch(2))
      const claims = await t.claimAll()
      const done = await Promise.all(claims.map((claim) => t.jobs.complete(claim, {})))
      expect(done).toEqual([true, true])
      const [stitch, ...others] = await t.claimAll()
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
    expect((await t.jobsOf(taskId))[3]?.waits_for).toBe(2)
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
    expect((await t.jobsOf(taskId))[3]?.waits_for).toBe(3)
    expect((await t.jobRow(chunk.jobId)).status).toBe('running')
    expect(await t.jobs.complete(chunk, {})).toBe(true)
    expect(await t.jobs.complete(stale, {})).toBe(false)
    expect((await t.jobsOf(taskId))[3]?.waits_for).toBe(2)
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
    const [first, second] = await t.claimAll()
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
    const claims = await t.claimAll()
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
    expect(await t.claimAll()).toEqual([])
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
    const claims = await t.claimAll()
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

test('a task is erased while its workers send progress, and neither blocks the other', async () => {
  for (let round = 0; round < 20; round++) {
    const { taskId } = await t.addExpandedTask(userId, chunksAndStitch(8))
    const claims = await t.claimAll()
    await Promise.all([
      ...claims.map((claim) => t.jobs.heartbeat(claim, 50)),
      t.jobs.retry(at(claims, 0), error, { delayMs: 0, counts: true }),
      t.database.transaction((query) => eraseTask(query, taskId)),
      ...claims.map((claim) => t.jobs.heartbeat(claim, 60)),
      t.jobs.giveBack(at(claims, 1)),
    ])
    expect(await t.tasks.find(userId, taskId)).toBeUndefined()
  }
}, 60_000)

test('two sweeps requeue the chunks of two tasks whose workers were lost, each once', async () => {
  for (let i = 0; i < 2; i++) await t.addExpandedTask(userId, chunksAndStitch(4)).then(() => t.claimAll())
  await expireLeases(t.database)
  const sweeps = await Promise.all([t.sweeps.requeueExpired(10), t.sweeps.requeueExpired(10)])
  expect(sweeps.reduce((sum, { requeued }) => sum + requeued, 0)).toBe(8)
})

test('aborting a task aborts all its jobs', async () => {
  const { taskId } = await t.addExpandedTask(userId)
  const claims = await t.claimAll()
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
