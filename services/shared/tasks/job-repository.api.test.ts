import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { BUILD, chunksAndStitch, expireLeases, openTestTasks, type TestTasks } from '#test/task-fixtures.ts'
import type { TaskStatus } from '../contract/tasks.ts'
import type { Claim, StoredOutput } from './rows.ts'
import { type JobEvent, type JobKind, statusAfter, taskStatusOf } from './status.ts'

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
const result = { sources: [], outputs: [output] }

describe('a claim', () => {
  test('marks job and task as running and raises the fencing token', async () => {
    const { taskId, jobId } = await t.addTask(userId)
    const claim = await t.claim()
    expect(claim).toMatchObject({ jobId, taskId, userId, attempt: 1, failures: 0, lastFailure: null })
    expect(await t.tasks.find(userId, taskId)).toMatchObject({ status: 'running', attempts: 1 })
  })

  test('goes to one of many workers', async () => {
    for (let i = 0; i < 5; i++) await t.addTask(userId)
    const attempts = await Promise.all(Array.from({ length: 20 }, () => t.jobs.claim(userId, BUILD)))
    const claims = attempts.flatMap((result) => (result.kind === 'claimed' ? [result.claim.jobId] : []))
    expect(new Set(claims).size).toBe(claims.length)
    expect(claims.length).toBeLessThanOrEqual(5)
    expect(claims.length).toBeGreaterThan(0)
  })

  test('that fails says whether the announced job is held, finished or unknown', async () => {
    const { jobId } = await t.addTask(userId)
    const claim = await t.claim()
    expect(await t.jobs.claim(jobId, BUILD)).toEqual({ kind: 'held' })
    await t.jobs.finish(claim, result)
    expect(await t.jobs.claim(jobId, BUILD)).toEqual({ kind: 'finished' })
    expect(await t.jobs.claim(userId, BUILD)).toEqual({ kind: 'unknown' })
  })

  test('says for how long the job has waited since it could be claimed', async () => {
    const { jobId } = await t.addTask(userId)
    await t.database.query(`UPDATE jobs SET run_after = now() - interval '90 seconds'`)
    const first = await t.jobs.claim(jobId, BUILD)
    if (first.kind !== 'claimed') throw new Error(`The job was not claimed: ${first.kind}`)
    expect(first.waitedSeconds).toBeGreaterThanOrEqual(90)
    await t.jobs.giveBack(first.claim)
    const again = await t.jobs.claim(jobId, BUILD)
    if (again.kind !== 'claimed') throw new Error(`The job was not claimed: ${again.kind}`)
    expect(again.waitedSeconds).toBeLessThan(first.waitedSeconds)
  })

  test('and a publish that are due now need not wait for the next millisecond', async () => {
    await t.addTask(userId)
    const soon = "timestamptz '2026-11-21 12:00:00.000600Z'"
    expect(
      await t.database.query(
        `UPDATE jobs SET run_after = ${soon}, publish_at = ${soon}
         RETURNING run_after <= ${soon} AS claimable, publish_at <= ${soon} AS publishable`,
      ),
    ).toEqual([{ claimable: true, publishable: true }])
  })

  test('waits until a retry is due', async () => {
    const { jobId } = await t.addTask(userId)
    await t.jobs.retry(await t.claim(), error, { delayMs: 60_000, counts: true })
    expect(await t.jobs.claim(jobId, BUILD)).toEqual({ kind: 'held' })
  })

  test('after a service error counts no failure, and keeps the reason', async () => {
    const { taskId, jobId } = await t.addTask(userId)
    await t.jobs.retry(await t.claim(), error, { delayMs: 0, counts: false })
    expect((await t.jobRow(jobId)).failures).toBe(0)
    expect((await t.tasks.find(userId, taskId))?.failures).toMatchObject([{ attempt: 1, code: error.code }])
    expect(await t.claim()).toMatchObject({
      attempt: 2,
      lastFailure: { code: error.code, message: error.message },
    })
  })

  test('goes to the highest priority within a user, the oldest first, and not before the turn of another user', async () => {
    const other = await t.addUser()
    const add = async (owner: string, priority: number) => {
      const task = { userId: owner, preset: null, recipe: { sources: [], audio: 'keep' as const }, priority }
      return (await t.tasks.create(task, ({ id }) => id)).reply
    }
    const [low, normal, high, alsoHigh] = [
      await add(userId, -5),
      await add(userId, 0),
      await add(userId, 7),
      await add(userId, 7),
    ]
    const others = await add(other, -100)
    const first = await t.claim()
    const claimed = [
      first.taskId,
      (await t.claim()).taskId,
      (await t.claim()).taskId,
      (await t.claim()).taskId,
    ]
    expect(claimed.filter((id) => id !== others)).toEqual([high, alsoHigh, normal])
    expect(claimed.indexOf(others)).toBeLessThan(2)
    expect((await t.claim()).taskId).toBe(low)
  })

  test('is of the priority of the task for the jobs that it was divided into', async () => {
    const recipe = { sources: [], audio: 'keep' as const }
    await t.tasks.create({ userId, preset: null, recipe, priority: 9 }, () => null)
    await t.jobs.expand(await t.claim(), { sources: [], plan: {}, build: BUILD, jobs: chunksAndStitch(2) })
    const rows = await t.database.query<{ priority: number }>('SELECT priority FROM jobs')
    expect(rows.map(({ priority }) => priority)).toEqual([9, 9, 9, 9])
  })

  test('goes to another user before the second task of a user who has had a turn', async () => {
    for (let i = 0; i < 5; i++) await t.addTask(userId)
    await t.claim()
    const other = await t.addUser()
    const { jobId } = await t.addTask(other)
    expect((await t.claim()).jobId).toBe(jobId)
  })

  test('alternates between users, even when one worker does all the work', async () => {
    const other = await t.addUser()
    for (const user of [userId, userId, userId, other, other]) await t.addTask(user)
    const served: string[] = []
    for (let i = 0; i < 5; i++) {
      const claim = await t.claim()
      served.push(claim.userId)
      await t.jobs.finish(claim, result)
    }
    expect(served.slice(0, 4).filter((id) => id === other)).toHaveLength(2)
  })
})

describe('the fencing token', () => {
  const writes: [string, (claim: Claim) => Promise<boolean>][] = [
    ['heartbeat', (claim) => t.jobs.heartbeat(claim, 50)],
    ['finish', (claim) => t.jobs.finish(claim, result)],
    ['fail', (claim) => t.jobs.fail(claim, error, { usedUp: false })],
    ['retry', (claim) => t.jobs.retry(claim, error, { delayMs: 0, counts: true })],
    ['give back', (claim) => t.jobs.giveBack(claim)],
  ]
  test.each(writes)('stops the %s of a worker whose job was claimed again', async (_, write) => {
    const { taskId, jobId } = await t.addTask(userId)
    const stale = await t.claim()
    await expireLeases(t.database)
    await t.sweeps.requeueExpired(10)
    await t.claim()
    const before = [await t.jobRow(jobId), await t.tasks.find(userId, taskId)]
    expect(await write(stale)).toBe(false)
    expect([await t.jobRow(jobId), await t.tasks.find(userId, taskId)]).toEqual(before)
  })

  test.each(writes)('stops the %s of a worker whose task was aborted', async (_, write) => {
    const { taskId } = await t.addTask(userId)
    const claim = await t.claim()
    await t.tasks.abort(userId, taskId)
    expect(await write(claim)).toBe(false)
    expect(await t.tasks.find(userId, taskId)).toMatchObject({ status: 'aborted', outputs: [] })
  })
})

test('of an abort and a finish at the same moment exactly one wins', async () => {
  for (let i = 0; i < 20; i++) {
    const { taskId } = await t.addTask(userId)
    const claim = await t.claim()
    const [aborted, finished] = await Promise.all([
      t.tasks.abort(userId, taskId),
      t.jobs.finish(claim, result),
    ])
    expect(aborted === undefined).toBe(finished)
    const row = await t.tasks.find(userId, taskId)
    expect(row?.status).toBe(finished ? 'succeeded' : 'aborted')
    expect(row?.outputs).toHaveLength(finished ? 1 : 0)
  }
})

describe('finish', () => {
  test('stores the outputs, and reports success again when its reply was lost', async () => {
    const { taskId } = await t.addTask(userId)
    const claim = await t.claim()
    expect(await t.jobs.finish(claim, result)).toBe(true)
    expect(await t.jobs.finish(claim, { sources: [], outputs: [] })).toBe(true)
    expect(await t.tasks.find(userId, taskId)).toMatchObject({
      status: 'succeeded',
      progress: 100,
      outputs: [output],
    })
  })

  test('no longer counts its own objects as orphaned, but those of earlier attempts', async () => {
    const { jobId } = await t.addTask(userId)
    await t.jobs.giveBack(await t.claim())
    await t.jobs.finish(await t.claim(), result)
    const orphaned = await t.database.query('SELECT job_id, attempt FROM orphaned_objects')
    expect(orphaned).toEqual([{ job_id: jobId, attempt: 1 }])
  })
})

test('giving a job back does not count against the task', async () => {
  const { taskId, jobId } = await t.addTask(userId)
  for (let i = 0; i < 5; i++) await t.jobs.giveBack(await t.claim())
  expect(await t.jobRow(jobId)).toMatchObject({ status: 'queued', attempt: 5, failures: 0 })
  expect(await t.tasks.find(userId, taskId)).toMatchObject({ status: 'queued', failures: [] })
})

test('progress never decreases within an attempt', async () => {
  const { taskId } = await t.addTask(userId)
  const claim = await t.claim()
  await t.jobs.heartbeat(claim, 60)
  await t.jobs.heartbeat(claim, 40)
  expect((await t.tasks.find(userId, taskId))?.progress).toBe(60)
})

describe('the SQL follows the table of transitions', () => {
  const statuses: TaskStatus[] = ['queued', 'running', 'succeeded', 'failed', 'aborted']

  const actions: Record<JobEvent, (claim: Claim) => Promise<unknown>> = {
    claim: ({ jobId }) => t.jobs.claim(jobId, BUILD),
    giveBack: (claim) => t.jobs.giveBack(claim),
    expand: (claim) =>
      t.jobs.expand(claim, { sources: [], plan: {}, build: BUILD, jobs: chunksAndStitch(1) }),
    complete: (claim) => t.jobs.complete(claim, {}),
    finish: (claim) => t.jobs.finish(claim, result),
    fail: (claim) => t.jobs.fail(claim, error, { usedUp: false }),
    abort: ({ taskId }) => t.tasks.abort(userId, taskId),
    requeue: ({ taskId }) => t.tasks.retry(userId, taskId),
  }

  /** Runs the event on the job; then the job has the status of the table, and the task the one that follows. */
  async function expectStep(event: JobEvent, claim: Claim, status: TaskStatus) {
    await setTaskStatus(claim.taskId)
    await actions[event](claim)
    expect((await t.jobRow(claim.jobId)).status).toBe(statusAfter(status, event) ?? status)
    expect((await t.tasks.find(userId, claim.taskId))?.status).toBe(taskStatusOf(await jobsOf(claim.taskId)))
  }
  const jobsOf = (taskId: string) =>
    t.database.query<{ kind: JobKind; status: TaskStatus }>(
      'SELECT kind, status FROM jobs WHERE task_id = $1',
      [taskId],
    )
  const setStatus = (jobId: string, status: TaskStatus) =>
    t.database.query('UPDATE jobs SET status = $2 WHERE id = $1', [jobId, status])
  const setTaskStatus = async (taskId: string) =>
    t.database.query('UPDATE tasks SET status = $2 WHERE id = $1', [
      taskId,
      taskStatusOf(await jobsOf(taskId)),
    ])

  const renderEvents: JobEvent[] = ['claim', 'giveBack', 'expand', 'finish', 'fail', 'abort', 'requeue']
  test.each(statuses.flatMap((status) => renderEvents.map((event) => [event, status] as const)))(
    '%s of a render that is %s',
    async (event, status) => {
      await t.addTask(userId)
      const claim = await t.claim()
      await setStatus(claim.jobId, status)
      await expectStep(event, claim, status)
    },
  )

  const chunkEvents: JobEvent[] = ['claim', 'giveBack', 'complete', 'fail', 'abort', 'requeue']
  test.each(statuses.flatMap((status) => chunkEvents.map((event) => [event, status] as const)))(
    '%s of a chunk that is %s',
    async (event, status) => {
      const { taskId } = await t.addExpandedTask(userId)
      const claim = await t.claim()
      if (status === 'failed' || status === 'aborted') {
        await t.database.query("UPDATE jobs SET status = 'aborted' WHERE task_id = $1 AND kind <> 'render'", [
          taskId,
        ])
      }
      await setStatus(claim.jobId, status)
      await expectStep(event, claim, status)
    },
  )

  test.each(statuses)('finish of a stitch while it is %s', async (status) => {
    const { taskId } = await t.addExpandedTask(userId, chunksAndStitch(1))
    await t.jobs.complete(await t.claim(), {})
    const claim = await t.claim()
    expect(claim).toMatchObject({ kind: 'stitch', taskId })
    await setStatus(claim.jobId, status)
    await expectStep('finish', claim, status)
  })
})
