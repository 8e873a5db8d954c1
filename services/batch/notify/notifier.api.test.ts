import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { silentLogger } from '#shared/observability/logger.ts'
import { readMetrics } from '#shared/observability/metrics.ts'
import { type DueNotification, notificationRepository } from '#shared/tasks/notification-repository.ts'
import { openTestTasks, type TestTasks } from '#test/task-fixtures.ts'
import { deliveryFailed, deliveryRejected } from './errors.ts'
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

/** A notifier with this webhook sender, and the notifications that it tried to send. */
function notifierWith(sender: Sender<DueNotification> = async () => {}, { leaseMs = 60_000 } = {}) {
  const sent: { id: string; attempt: number }[] = []
  const webhookSender: Sender<DueNotification> = (due, signal) => {
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

const findNotification = async (taskId = '') => (await db.tasks.find(ada, taskId))?.notify[0]
const makeAllDue = () => db.database.query('UPDATE notifications SET due_at = now() WHERE due_at IS NOT NULL')

test('sends everything that is due exactly once, and nothing on the next call', async () => {
  const [first] = await endTasks(20)
  const { notifier, sent } = notifierWith()
  expect(await notifier.sendDue()).toBe(20)
  expect(await notifier.sendDue()).toBe(0)
  expect(new Set(sent.map(({ id }) => id)).size).toBe(20)
  expect(sent).toHaveLength(20)
  expect(await findNotification(first)).toMatchObject({ state: 'delivered', attempts: 1 })
})

test('concurrent sweeps send different notifications', async () => {
  await endTasks(30)
  const [one, other] = [notifierWith(), notifierWith()]
  const delivered = await Promise.all([one.notifier.sendDue(), other.notifier.sendDue()])
  expect(delivered[0] + delivered[1]).toBe(30)
  expect(new Set([...one.sent, ...other.sent].map(({ id }) => id)).size).toBe(30)
})

test('a notification whose sender died is sent by another, under the same id', async () => {
  const [taskId] = await endTasks(1)
  const died = notifierWith(() => new Promise(() => {}), { leaseMs: 0 })
  void died.notifier.sendNew()
  while (died.sent.length === 0) await new Promise((resolve) => setImmediate(resolve))
  const { notifier, sent } = notifierWith()
  expect(await notifier.sendDue()).toBe(1)
  expect(sent).toEqual([{ id: died.sent[0]?.id, attempt: 2 }])
  expect(await findNotification(taskId)).toMatchObject({ state: 'delivered', attempts: 2 })
})

test('gives up after nine failed attempts', async () => {
  const [taskId] = await endTasks(1)
  const { notifier, sent } = notifierWith(async () => {
    throw deliveryFailed('it replied 500')
  })
  for (let attempt = 1; attempt <= 12; attempt++) {
    await notifier.sendDue()
    await makeAllDue()
  }
  expect(sent).toHaveLength(9)
  expect(await findNotification(taskId)).toEqual({
    channel: 'webhook',
    target: webhook,
    state: 'given_up',
    attempts: 9,
    error: 'notify.failed',
  })
})

test('waits after a failed attempt', async () => {
  const [taskId] = await endTasks(1)
  const { notifier } = notifierWith(async () => {
    throw deliveryFailed('it replied 500')
  })
  await notifier.sendDue()
  const [row] = await db.database.query<{ seconds: number }>(
    'SELECT extract(epoch FROM due_at - now())::float AS seconds FROM notifications WHERE task_id = $1',
    [taskId],
  )
  expect(row?.seconds).toBeGreaterThan(3)
  expect(row?.seconds).toBeLessThan(6)
})

test('does not retry a rejected notification', async () => {
  const [taskId] = await endTasks(1)
  const { notifier, sent } = notifierWith(async () => {
    throw deliveryRejected('it replied 410')
  })
  await notifier.sendDue()
  await makeAllDue()
  await notifier.sendDue()
  expect(sent).toHaveLength(1)
  expect(await findNotification(taskId)).toMatchObject({ state: 'given_up', error: 'notify.rejected' })
})

test('keeps notifications of a channel without a sender for an instance that has one', async () => {
  const { taskId } = await db.addTask(ada, { email: true })
  await db.tasks.abort(ada, taskId)
  expect(await notifierWith().notifier.sendDue()).toBe(0)
  expect(await findNotification(taskId)).toMatchObject({
    channel: 'email',
    state: 'pending',
    error: 'notify.failed',
  })
})

test('a bug in a sender affects no other delivery', async () => {
  await endTasks(3)
  const { notifier, sent } = notifierWith(async ({ id }) => {
    if (id === sent[0]?.id) throw new TypeError('a bug')
  })
  expect(await notifier.sendDue()).toBe(2)
})

test('a worker sends a few new notifications, and never throws', async () => {
  await endTasks(6)
  const { notifier, sent } = notifierWith()
  await notifier.sendNew()
  expect(sent).toHaveLength(4)
  const broken = createNotifier({
    rows: {
      ...notificationRepository(db.database, { leaseMs: 1 }),
      claimDue: () => Promise.reject(new Error('no database')),
    },
    senders: {},
    log: silentLogger,
  })
  await expect(broken.sendNew()).resolves.toBeUndefined()
  await expect(broken.sendDue()).rejects.toThrow('no database')
})

test('a worker leaves retries to the sweep', async () => {
  await endTasks(1)
  const { notifier, sent } = notifierWith(async () => {
    throw deliveryFailed('it replied 500')
  })
  await notifier.sendNew()
  await makeAllDue()
  await notifier.sendNew()
  expect(sent).toHaveLength(1)
  await notifier.sendDue()
  expect(sent).toHaveLength(2)
})

test('closing aborts deliveries in progress, which are sent again later', async () => {
  const [taskId] = await endTasks(1)
  const { notifier, sent } = notifierWith(
    (_, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(deliveryFailed('the process is stopping')), {
          once: true,
        })
      }),
  )
  const sweeping = notifier.sendDue()
  while (sent.length === 0) await new Promise((resolve) => setImmediate(resolve))
  await notifier.close()
  expect(await sweeping).toBe(0)
  expect(await findNotification(taskId)).toMatchObject({
    state: 'pending',
    attempts: 1,
    error: 'notify.failed',
  })
  await notifier.sendNew()
  expect(sent).toHaveLength(1)
})

test('counts attempts by channel and result', async () => {
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
