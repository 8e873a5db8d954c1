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

const notifyOf = async (taskId: string) => (await db.tasks.find(ada, taskId))?.notify
const makeAllDue = () => db.database.query('UPDATE notifications SET due_at = now() WHERE due_at IS NOT NULL')

/** Every way in which a task can end: claim, status, action. */
const ends: [string, string, (taskId: string) => Promise<unknown>][] = [
  ['finished', 'succeeded', async () => db.jobs.finish(await db.claim(), { sources: [], outputs: [] })],
  ['failed', 'failed', async () => db.jobs.fail(await db.claim(), error, { usedUp: false })],
  ['aborted while queued', 'aborted', (taskId) => db.tasks.abort(ada, taskId)],
  [
    'aborted while running',
    'aborted',
    async (taskId) => {
      await db.claim()
      await db.tasks.abort(ada, taskId)
    },
  ],
  [
    'failed by the sweep after its last lease expired',
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
    for (const notification of due)
      expect(notification).toMatchObject({ taskId, status, attempt: 1, finishedAt: expect.any(Date) })
    expect(due.find(({ channel }) => channel === 'webhook')).toMatchObject({
      target: webhook,
      secret: expect.stringMatching(/^whsec_[A-Za-z0-9+/]{32}$/),
    })
  })

  test.each(ends)(
    '%s stays as it was when the statement is rolled back, and so do its notifications',
    async (_, __, end) => {
      const { taskId } = await db.addTask(ada, { webhook })
      // Makes every statement that ends a task fail after the notification trigger has run.
      await db.database.query(`
      CREATE FUNCTION reject() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'rejected'; END $$;
      CREATE CONSTRAINT TRIGGER reject AFTER UPDATE ON tasks DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
      WHEN (NEW.finished_at IS NOT NULL) EXECUTE FUNCTION reject()`)
      await expect(end(taskId)).rejects.toThrow('rejected')
      await db.database.query('DROP TRIGGER reject ON tasks; DROP FUNCTION reject')
      expect(await rows.claimDue(10)).toEqual([])
    },
  )

  test('given back or retried makes nothing due', async () => {
    await db.addTask(ada, { webhook })
    await db.jobs.giveBack(await db.claim())
    await db.jobs.retry(await db.claim(), error, { delayMs: 0, counts: true })
    expect(await rows.claimDue(10)).toEqual([])
  })
})

test('a notification that is due now need not wait for the next millisecond', async () => {
  await db.addTask(ada, { webhook })
  const soon = "timestamptz '2026-11-21 12:00:00.000600Z'"
  expect(
    await db.database.query(`UPDATE notifications SET due_at = ${soon} RETURNING due_at <= ${soon} AS due`),
  ).toEqual([{ due: true }])
})

test('concurrent senders claim different notifications', async () => {
  for (let count = 0; count < 20; count++) {
    await db.tasks.abort(ada, (await db.addTask(ada, { webhook })).taskId)
  }
  const claimed = await Promise.all([rows.claimDue(8), rows.claimDue(8), rows.claimDue(8)])
  const ids = claimed.flat().map(({ id }) => id)
  expect(new Set(ids).size).toBe(ids.length)
  expect([...ids, ...(await rows.claimDue(20)).map(({ id }) => id)]).toHaveLength(20)
})

test('a notification whose sender died is claimed again under the same id', async () => {
  const expiredLease = notificationRepository(db.database, { leaseMs: 0 })
  await db.tasks.abort(ada, (await db.addTask(ada, { webhook })).taskId)
  const [first] = await expiredLease.claimDue(1)
  const [second] = await rows.claimDue(1)
  expect(second).toMatchObject({ id: first?.id, attempt: 2 })
  expect(await rows.claimDue(1)).toEqual([])
})

test('a sender whose notification was claimed again changes nothing', async () => {
  const expiredLease = notificationRepository(db.database, { leaseMs: 0 })
  const { taskId } = await db.addTask(ada, { webhook })
  await db.tasks.abort(ada, taskId)
  const [stale] = await expiredLease.claimDue(1)
  await rows.claimDue(1)
  if (stale) await rows.giveUp(stale, 'notify.failed')
  expect(await notifyOf(taskId)).toMatchObject([{ state: 'pending', attempts: 2, error: null }])
})

test('a first attempt comes before the fifth attempt at a target that never responds', async () => {
  await db.tasks.abort(ada, (await db.addTask(ada, { webhook: 'https://unresponsive.example' })).taskId)
  for (let attempt = 0; attempt < 4; attempt++) {
    const [claimed] = await rows.claimDue(1)
    if (claimed) await rows.postpone(claimed, 'notify.failed', 0)
  }
  await db.tasks.abort(ada, (await db.addTask(ada, { webhook })).taskId)
  expect(await rows.claimDue(1)).toMatchObject([{ target: webhook }])
})

test('the task shows the delivery state of each channel', async () => {
  const { taskId } = await db.addTask(ada, { email: true, webhook })
  expect(await notifyOf(taskId)).toEqual([
    { channel: 'email', target: null, state: 'pending', attempts: 0, error: null },
    { channel: 'webhook', target: webhook, state: 'pending', attempts: 0, error: null },
  ])
  await db.tasks.abort(ada, taskId)
  for (const claimed of await rows.claimDue(2)) {
    if (claimed.channel === 'email') await rows.giveUp(claimed, 'notify.rejected')
    else await rows.postpone(claimed, 'notify.failed', 60_000)
  }
  expect(await notifyOf(taskId)).toMatchObject([
    { channel: 'email', state: 'given_up', attempts: 1, error: 'notify.rejected' },
    { channel: 'webhook', state: 'pending', attempts: 1, error: 'notify.failed' },
  ])
  await makeAllDue()
  for (const claimed of await rows.claimDue(2)) await rows.delivered(claimed)
  await makeAllDue()
  expect(await rows.claimDue(2)).toEqual([])
  expect((await notifyOf(taskId))?.[1]).toMatchObject({ state: 'delivered', attempts: 2, error: null })
})

test('a failed task that is retried is notified of again when it ends, under another id', async () => {
  const { taskId } = await db.addTask(ada, { webhook })
  await db.jobs.fail(await db.claim(), error, { usedUp: false })
  const [failed] = await rows.claimDue(1)
  const retried = await db.tasks.retry(ada, taskId)
  expect(retried?.row.notify).toEqual(await notifyOf(taskId))
  // A sender that is still delivering the failure can no longer record anything.
  if (failed) await rows.delivered(failed)
  expect(await notifyOf(taskId)).toMatchObject([{ state: 'pending', attempts: 0 }])
  expect(await rows.claimDue(1)).toEqual([])

  await db.jobs.finish(await db.claim(), { sources: [], outputs: [] })
  const [succeeded] = await rows.claimDue(1)
  expect(succeeded).toMatchObject({ taskId, status: 'succeeded', attempt: 1 })
  expect(succeeded?.id).not.toBe(failed?.id)
})

describe('e-mails to one account', () => {
  const byEmail = { email: true }
  const addMailed = async (count: number) => {
    for (let mail = 0; mail < count; mail++) await db.addTask(ada, byEmail)
  }

  test('are limited to sixty at once', async () => {
    await addMailed(60)
    await expect(db.addTask(ada, byEmail)).rejects.toMatchObject({ code: 'request.rate_limited' })
    expect(await db.database.query('SELECT id FROM tasks')).toHaveLength(60)
    await db.addTask(ada, { webhook })
    await db.addTask(await db.addUser(), byEmail)
  })

  test('are not allowed again by removing tasks', async () => {
    await addMailed(60)
    await db.database.query('DELETE FROM tasks')
    await expect(db.addTask(ada, byEmail)).rejects.toMatchObject({ code: 'request.rate_limited' })
  })

  test('are allowed again at one per minute', async () => {
    await addMailed(60)
    await db.database.query("UPDATE users SET mails_until = mails_until - interval '2 minutes'")
    await addMailed(2)
    await expect(db.addTask(ada, byEmail)).rejects.toMatchObject({ code: 'request.rate_limited' })
  })

  test('count for a retried task too, which stays failed when the quota is used up', async () => {
    const { taskId } = await db.addTask(ada, byEmail)
    await db.jobs.fail(await db.claim(), error, { usedUp: false })
    await addMailed(59)
    await expect(db.tasks.retry(ada, taskId)).rejects.toMatchObject({ code: 'request.rate_limited' })
    expect(await db.tasks.find(ada, taskId)).toMatchObject({ status: 'failed' })
  })
})

test('removing a task removes its notifications', async () => {
  const { taskId } = await db.addTask(ada, { webhook })
  await db.tasks.abort(ada, taskId)
  await db.tasks.remove(ada, taskId)
  expect(await rows.claimDue(1)).toEqual([])
})
