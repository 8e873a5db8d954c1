import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { silentLogger } from '#shared/observability/logger.ts'
import { readMetrics } from '#shared/observability/metrics.ts'
import { notificationRepository } from '#shared/tasks/notification-repository.ts'
import { openTestTasks, type TestTasks } from '#test/task-fixtures.ts'
import { notTaken, rejected } from './errors.ts'
import { createNotifier, type Notifier, type Sender } from './notifier.ts'

const webhook = 'https://example.com/hook'

let db: TestTasks
let ada: string
let open: Notifier[]
beforeAll(async () => {
  db = await openTestTasks()
})
afterAll(() => db.close())
beforeEach(async () => {
  open = []
  await db.database.query('DELETE FROM tasks')
  ada = await db.addUser()
})
afterEach(async () => {
  for (const notifier of open) await notifier.close()
})

/** A notifier with this way to send, and what it sent. */
function notifierWith(sender: Sender = async () => {}, { leaseMs = 60_000 } = {}) {
  const sent: { id: string; attempt: number }[] = []
  const webhookSender: Sender = (due, signal) => {
    sent.push({ id: due.id, attempt: due.attempt })
    return sender(due, signal)
  }
  const notifier = createNotifier({
    rows: notificationRepository(db.database, { leaseMs }),
    senders: { webhook: webhookSender },
    log: silentLogger,
  })
  open.push(notifier)
  return { notifier, sent }
}

async function endTasks(count: number, notify = { webhook }) {
  const ids: string[] = []
  for (let task = 0; task < count; task++) {
    const { taskId } = await db.addTask(ada, notify)
    await db.tasks.abort(ada, taskId)
    ids.push(taskId)
  }
  return ids
}

const shown = async (taskId = '') => (await db.tasks.find(ada, taskId))?.notify[0]
const makeDue = () => db.database.query('UPDATE notifications SET due_at = now() WHERE due_at IS NOT NULL')

test('a sweep sends all that is due, each once, and another finds nothing', async () => {
  const [first] = await endTasks(20)
  const { notifier, sent } = notifierWith()
  expect(await notifier.sendDue()).toBe(20)
  expect(await notifier.sendDue()).toBe(0)
  expect(new Set(sent.map(({ id }) => id)).size).toBe(20)
  expect(sent).toHaveLength(20)
  expect(await shown(first)).toMatchObject({ state: 'delivered', attempts: 1 })
})

test('sweeps side by side send different ones', async () => {
  await endTasks(30)
  const [one, other] = [notifierWith(), notifierWith()]
  const delivered = await Promise.all([one.notifier.sendDue(), other.notifier.sendDue()])
  expect(delivered[0] + delivered[1]).toBe(30)
  expect(new Set([...one.sent, ...other.sent].map(({ id }) => id)).size).toBe(30)
})

test('what a sender died over is sent by another, under the same id', async () => {
  const [taskId] = await endTasks(1)
  const died = notifierWith(() => new Promise(() => {}), { leaseMs: 0 })
  void died.notifier.sendSome()
  while (died.sent.length === 0) await new Promise((resolve) => setImmediate(resolve))
  const { notifier, sent } = notifierWith()
  expect(await notifier.sendDue()).toBe(1)
  expect(sent).toEqual([{ id: died.sent[0]?.id, attempt: 2 }])
  expect(await shown(taskId)).toMatchObject({ state: 'delivered', attempts: 2 })
})

test('a receiver that never takes it is given up after nine attempts, and no other is kept waiting', async () => {
  const [taskId] = await endTasks(1)
  const { notifier, sent } = notifierWith(async () => {
    throw notTaken('it answered 500')
  })
  for (let attempt = 1; attempt <= 12; attempt++) {
    await notifier.sendDue()
    await makeDue()
  }
  expect(sent).toHaveLength(9)
  expect(await shown(taskId)).toEqual({
    channel: 'webhook',
    target: webhook,
    state: 'given_up',
    attempts: 9,
    error: 'notify.failed',
  })
})

test('after a failure it waits', async () => {
  const [taskId] = await endTasks(1)
  const { notifier } = notifierWith(async () => {
    throw notTaken('it answered 500')
  })
  await notifier.sendDue()
  const [row] = await db.database.query<{ seconds: number }>(
    'SELECT extract(epoch FROM due_at - now())::float AS seconds FROM notifications WHERE task_id = $1',
    [taskId],
  )
  expect(row?.seconds).toBeGreaterThan(3)
  expect(row?.seconds).toBeLessThan(6)
})

test('a receiver that wants none gets no second one', async () => {
  const [taskId] = await endTasks(1)
  const { notifier, sent } = notifierWith(async () => {
    throw rejected('it answered 410')
  })
  await notifier.sendDue()
  await makeDue()
  await notifier.sendDue()
  expect(sent).toHaveLength(1)
  expect(await shown(taskId)).toMatchObject({ state: 'given_up', error: 'notify.rejected' })
})

test('a channel that nothing here sends waits for an instance that does', async () => {
  const { taskId } = await db.addTask(ada, { email: true })
  await db.tasks.abort(ada, taskId)
  expect(await notifierWith().notifier.sendDue()).toBe(0)
  expect(await shown(taskId)).toMatchObject({ channel: 'email', state: 'pending', error: 'notify.failed' })
})

test('a bug of a sender spoils no other delivery, and is tried again', async () => {
  await endTasks(3)
  const { notifier, sent } = notifierWith(async ({ id }) => {
    if (id === sent[0]?.id) throw new TypeError('a bug')
  })
  expect(await notifier.sendDue()).toBe(2)
})

test('a worker waits for a few, and never fails', async () => {
  await endTasks(6)
  const { notifier, sent } = notifierWith()
  await notifier.sendSome()
  expect(sent).toHaveLength(4)
  const broken = createNotifier({
    rows: {
      ...notificationRepository(db.database, { leaseMs: 1 }),
      claimDue: () => Promise.reject(new Error('no database')),
    },
    senders: {},
    log: silentLogger,
  })
  await expect(broken.sendSome()).resolves.toBeUndefined()
  await expect(broken.sendDue()).rejects.toThrow('no database')
})

test('a worker leaves repeats to the sweep', async () => {
  await endTasks(1)
  const { notifier, sent } = notifierWith(async () => {
    throw notTaken('it answered 500')
  })
  await notifier.sendSome()
  await makeDue()
  await notifier.sendSome()
  expect(sent).toHaveLength(1)
  await notifier.sendDue()
  expect(sent).toHaveLength(2)
})

test('a process that stops breaks off what is under way, and it is sent again', async () => {
  const [taskId] = await endTasks(1)
  const { notifier, sent } = notifierWith(
    (_, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(notTaken('the process stops')), { once: true })
      }),
  )
  const sweeping = notifier.sendDue()
  while (sent.length === 0) await new Promise((resolve) => setImmediate(resolve))
  await notifier.close()
  expect(await sweeping).toBe(0)
  expect(await shown(taskId)).toMatchObject({ state: 'pending', attempts: 1, error: 'notify.failed' })
  await notifier.sendSome()
  expect(sent).toHaveLength(1)
})

test('attempts are counted by channel and result', async () => {
  await endTasks(1)
  const count = async () =>
    Number(
      /^cutroom_notifications_total\{channel="webhook",result="delivered"\} (\d+)$/m.exec(
        (await readMetrics()).text,
      )?.[1] ?? 0,
    )
  const before = await count()
  await notifierWith().notifier.sendDue()
  expect((await count()) - before).toBe(1)
})
