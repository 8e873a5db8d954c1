import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { expireLeases, openTestTasks, type TestTasks } from '#test/task-fixtures.ts'
import { type NotificationRepository, notificationRepository } from './notification-repository.ts'

const webhook = 'https://example.com/hook'
const error = { code: 'media.unreadable', message: 'No video.' }

let db: TestTasks
let rows: NotificationRepository
let ada: string
beforeAll(async () => {
  db = await openTestTasks()
  rows = notificationRepository(db.database, { leaseMs: 60_000 })
})
afterAll(() => db.close())
beforeEach(async () => {
  await db.database.query('DELETE FROM tasks')
  ada = await db.addUser()
})

const shown = async (taskId: string) => (await db.tasks.find(ada, taskId))?.notify
const makeAllDue = () => db.database.query('UPDATE notifications SET due_at = now() WHERE due_at IS NOT NULL')

/** Every way in which a task can end. */
const ends: [string, string, (taskId: string) => Promise<unknown>][] = [
  ['finished', 'succeeded', async () => db.jobs.finish(await db.claim(), { sources: [], outputs: [] })],
  ['failed', 'failed', async () => db.jobs.fail(await db.claim(), error, { usedUp: false })],
  ['aborted while it waited', 'aborted', (taskId) => db.tasks.abort(ada, taskId)],
  [
    'aborted while it ran',
    'aborted',
    async (taskId) => {
      await db.claim()
      await db.tasks.abort(ada, taskId)
    },
  ],
  [
    'failed by the sweep, its last worker silent',
    'failed',
    async (taskId) => {
      await db.claim()
      await db.database.query('UPDATE jobs SET failures = 2 WHERE task_id = $1', [taskId])
      await expireLeases(db.database)
      await db.sweeps.requeueExpired(10)
    },
  ],
]

describe('a task that is', () => {
  test.each(ends)('%s makes its notifications due in the same statement', async (_, status, end) => {
    const { taskId } = await db.addTask(ada, { email: true, webhook })
    expect(await rows.claimDue(10)).toEqual([])
    await end(taskId)
    const due = await rows.claimDue(10)
    expect(due.map(({ channel }) => channel).sort()).toEqual(['email', 'webhook'])
    for (const one of due)
      expect(one).toMatchObject({ taskId, status, attempt: 1, finishedAt: expect.any(Date) })
    expect(due.find(({ channel }) => channel === 'webhook')).toMatchObject({
      target: webhook,
      secret: expect.stringMatching(/^whsec_[A-Za-z0-9+/]{32}$/),
    })
  })

  test.each(ends)(
    '%s stays as it was when the statement is undone, notifications with it',
    async (_, __, end) => {
      const { taskId } = await db.addTask(ada, { webhook })
      // Every statement that ends a task fails after its trigger has run.
      await db.database.query(`
      CREATE FUNCTION undo() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'undone'; END $$;
      CREATE CONSTRAINT TRIGGER undo AFTER UPDATE ON tasks DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
      WHEN (NEW.finished_at IS NOT NULL) EXECUTE FUNCTION undo()`)
      await expect(end(taskId)).rejects.toThrow('undone')
      await db.database.query('DROP TRIGGER undo ON tasks; DROP FUNCTION undo')
      expect(await rows.claimDue(10)).toEqual([])
    },
  )

  test('given back or tried again makes nothing due', async () => {
    await db.addTask(ada, { webhook })
    await db.jobs.giveBack(await db.claim())
    await db.jobs.retry(await db.claim(), error, { delayMs: 0, counts: true })
    expect(await rows.claimDue(10)).toEqual([])
  })
})

test('what is due now need not wait for the next millisecond', async () => {
  await db.addTask(ada, { webhook })
  const soon = "timestamptz '2026-11-21 12:00:00.000600Z'"
  expect(
    await db.database.query(`UPDATE notifications SET due_at = ${soon} RETURNING due_at <= ${soon} AS due`),
  ).toEqual([{ due: true }])
})

test('two deliverers take different rows', async () => {
  for (let count = 0; count < 20; count++) {
    await db.tasks.abort(ada, (await db.addTask(ada, { webhook })).taskId)
  }
  const taken = await Promise.all([rows.claimDue(8), rows.claimDue(8), rows.claimDue(8)])
  const ids = taken.flat().map(({ id }) => id)
  expect(new Set(ids).size).toBe(ids.length)
  expect([...ids, ...(await rows.claimDue(20)).map(({ id }) => id)]).toHaveLength(20)
})

test('what a deliverer took and died over is sent again under the same id', async () => {
  const hasty = notificationRepository(db.database, { leaseMs: 0 })
  await db.tasks.abort(ada, (await db.addTask(ada, { webhook })).taskId)
  const [first] = await hasty.claimDue(1)
  const [second] = await rows.claimDue(1)
  expect(second).toMatchObject({ id: first?.id, attempt: 2 })
  expect(await rows.claimDue(1)).toEqual([])
})

test('a deliverer that was overtaken writes nothing', async () => {
  const hasty = notificationRepository(db.database, { leaseMs: 0 })
  const { taskId } = await db.addTask(ada, { webhook })
  await db.tasks.abort(ada, taskId)
  const [late] = await hasty.claimDue(1)
  await rows.claimDue(1)
  if (late) await rows.giveUp(late, 'notify.failed')
  expect(await shown(taskId)).toMatchObject([{ state: 'pending', attempts: 2, error: null }])
})

test('a first attempt comes before the fifth one of somebody who never answers', async () => {
  await db.tasks.abort(ada, (await db.addTask(ada, { webhook: 'https://silent.example' })).taskId)
  for (let attempt = 0; attempt < 4; attempt++) {
    const [one] = await rows.claimDue(1)
    if (one) await rows.postpone(one, 'notify.failed', 0)
  }
  await db.tasks.abort(ada, (await db.addTask(ada, { webhook })).taskId)
  expect(await rows.claimDue(1)).toMatchObject([{ target: webhook }])
})

test('the task shows how far each channel is', async () => {
  const { taskId } = await db.addTask(ada, { email: true, webhook })
  expect(await shown(taskId)).toEqual([
    { channel: 'email', target: null, state: 'pending', attempts: 0, error: null },
    { channel: 'webhook', target: webhook, state: 'pending', attempts: 0, error: null },
  ])
  await db.tasks.abort(ada, taskId)
  for (const one of await rows.claimDue(2)) {
    if (one.channel === 'email') await rows.giveUp(one, 'notify.rejected')
    else await rows.postpone(one, 'notify.failed', 60_000)
  }
  expect(await shown(taskId)).toMatchObject([
    { channel: 'email', state: 'given_up', attempts: 1, error: 'notify.rejected' },
    { channel: 'webhook', state: 'pending', attempts: 1, error: 'notify.failed' },
  ])
  await makeAllDue()
  for (const one of await rows.claimDue(2)) await rows.delivered(one)
  await makeAllDue()
  expect(await rows.claimDue(2)).toEqual([])
  expect((await shown(taskId))?.[1]).toMatchObject({ state: 'delivered', attempts: 2, error: null })
})

test('a failed task that is tried again tells of its next end too, as another event', async () => {
  const { taskId } = await db.addTask(ada, { webhook })
  await db.jobs.fail(await db.claim(), error, { usedUp: false })
  const [failed] = await rows.claimDue(1)
  const again = await db.tasks.retry(ada, taskId)
  expect(again?.row.notify).toEqual(await shown(taskId))
  // Whoever still sends word of the failure can no longer write about it.
  if (failed) await rows.delivered(failed)
  expect(await shown(taskId)).toMatchObject([{ state: 'pending', attempts: 0 }])
  expect(await rows.claimDue(1)).toEqual([])

  await db.jobs.finish(await db.claim(), { sources: [], outputs: [] })
  const [succeeded] = await rows.claimDue(1)
  expect(succeeded).toMatchObject({ taskId, status: 'succeeded', attempt: 1 })
  expect(succeeded?.id).not.toBe(failed?.id)
})

describe('mails to one account', () => {
  const mailed = { email: true }
  const asMany = async (count: number) => {
    for (let mail = 0; mail < count; mail++) await db.addTask(ada, mailed)
  }

  test('are sixty at once, and then no more', async () => {
    await asMany(60)
    await expect(db.addTask(ada, mailed)).rejects.toMatchObject({ code: 'request.rate_limited' })
    expect(await db.database.query('SELECT id FROM tasks')).toHaveLength(60)
    await db.addTask(ada, { webhook })
    await db.addTask(await db.addUser(), mailed)
  })

  test('are none the more for tasks that are removed', async () => {
    await asMany(60)
    await db.database.query('DELETE FROM tasks')
    await expect(db.addTask(ada, mailed)).rejects.toMatchObject({ code: 'request.rate_limited' })
  })

  test('are one more for each minute that passes', async () => {
    await asMany(60)
    await db.database.query("UPDATE users SET mails_until = mails_until - interval '2 minutes'")
    await asMany(2)
    await expect(db.addTask(ada, mailed)).rejects.toMatchObject({ code: 'request.rate_limited' })
  })

  test('are counted for a task that is tried again too, which stays as it is when there are too many', async () => {
    const { taskId } = await db.addTask(ada, mailed)
    await db.jobs.fail(await db.claim(), error, { usedUp: false })
    await asMany(59)
    await expect(db.tasks.retry(ada, taskId)).rejects.toMatchObject({ code: 'request.rate_limited' })
    expect(await db.tasks.find(ada, taskId)).toMatchObject({ status: 'failed' })
  })
})

test('a task that is removed takes its notifications along', async () => {
  const { taskId } = await db.addTask(ada, { webhook })
  await db.tasks.abort(ada, taskId)
  await db.tasks.remove(ada, taskId)
  expect(await rows.claimDue(1)).toEqual([])
})
