import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { openTestTasks, type TestTasks } from '#test/task-fixtures.ts'
import { uploadRepository } from '../uploads/upload-repository.ts'
import { type EventRepository, eventRepository } from './event-repository.ts'

let t: TestTasks
let events: EventRepository
let userId: string
beforeAll(async () => {
  t = await openTestTasks()
  events = eventRepository(t.database)
})
afterAll(() => t.close())
beforeEach(async () => {
  userId = await t.reset()
})

const typesOf = async (user = userId) =>
  (await events.page(user, { after: 0, max: 100 })).events.map(({ type }) => type)
const error = { code: 'media.failed', message: 'it broke' }

describe('the log of a user', () => {
  test('has the whole life of a task, numbered from 1', async () => {
    const { taskId } = await t.addTask(userId)
    const first = await t.claim()
    await t.jobs.heartbeat(first, 10)
    await t.jobs.retry(first, error, { delayMs: 0, counts: true })
    await t.jobs.fail(await t.claim(), { ...error, log_tail: 'secret' }, { usedUp: true })
    await t.tasks.retry(userId, taskId)
    const output = { name: 'a.mp4', content_type: 'video/mp4', bytes: 3, key: 'tasks/a' }
    await t.jobs.finish(await t.claim(), { sources: [], outputs: [output] })
    await t.tasks.remove(userId, taskId)
    const { events: rows, ...page } = await events.page(userId, { after: 0, max: 100 })
    expect(rows.map(({ sequence, type }) => `${sequence} ${type}`)).toEqual([
      '1 task.created',
      '2 task.running',
      '3 task.progress',
      '4 task.queued',
      '5 task.running',
      '6 task.failed',
      '7 task.queued',
      '8 task.running',
      '9 task.succeeded',
      '10 task.deleted',
    ])
    expect(page).toEqual({ next: 10, more: false, oldest: 1, latest: 10 })
    expect(rows[5]?.data).toMatchObject({ id: taskId, status: 'failed', attempts: 2, error })
    expect(rows[5]?.data).not.toHaveProperty('error.log_tail')
    expect(rows[8]?.data).toMatchObject({
      status: 'succeeded',
      progress: 100,
      output_count: 1,
      outputs: [output],
    })
  })

  test('has the progress of a task every 10 seconds at most', async () => {
    await t.addTask(userId)
    const claim = await t.claim()
    await t.jobs.heartbeat(claim, 10)
    await t.jobs.heartbeat(claim, 20)
    await t.database.query("UPDATE tasks SET progress_logged_at = now() - interval '11 seconds'")
    await t.jobs.heartbeat(claim, 30)
    await t.jobs.heartbeat(claim, 40)
    const { events: rows } = await events.page(userId, { after: 0, max: 10, types: ['task.progress'] })
    expect(rows.map(({ data }) => (data as { progress: number }).progress)).toEqual([10, 30])
  })

  test('has an upload once it has arrived', async () => {
    const uploads = uploadRepository(t.database, { retentionDays: 7 })
    const upload = { id: randomUUID(), userId, objectKey: 'u/1', filename: 'a.mp4', contentType: 'video/mp4' }
    await uploads.create(upload)
    await uploads.markReceived([{ key: 'u/1', bytes: 5 }])
    await uploads.markReceived([{ key: 'u/1', bytes: 5 }])
    const { events: rows } = await events.page(userId, { after: 0, max: 10 })
    expect(rows).toMatchObject([
      { sequence: 1, type: 'upload.completed', data: { upload_id: upload.id, filename: 'a.mp4', bytes: 5 } },
    ])
  })

  test('lacks what was rolled back, and its numbers have no gap', async () => {
    await t.addTask(userId)
    await expect(
      t.database.transaction(async (query) => {
        await query("INSERT INTO tasks (user_id, recipe) VALUES ($1, '{}')", [userId])
        await query('SET CONSTRAINTS ALL IMMEDIATE')
        throw new Error('rolled back')
      }),
    ).rejects.toThrow('rolled back')
    await t.addTask(userId)
    const { events: rows } = await events.page(userId, { after: 0, max: 10 })
    expect(rows.map(({ sequence }) => sequence)).toEqual([1, 2])
  })

  test('is not that of another user', async () => {
    const eve = await t.addUser()
    await t.addTask(userId)
    const { taskId } = await t.addTask(eve)
    expect(await typesOf(eve)).toEqual(['task.created'])
    expect((await events.page(userId, { after: 0, max: 10, taskId })).events).toEqual([])
  })

  test('has 100,000 events at most', async () => {
    await t.addTask(userId)
    await t.database.query('UPDATE event_counters SET last = 100000')
    await t.addTask(userId)
    const page = await events.page(userId, { after: 0, max: 10 })
    expect(page).toMatchObject({ oldest: 100_001, latest: 100_001, events: [{ sequence: 100_001 }] })
  })

  test('loses events after the retention, and does not outlive its account', async () => {
    await t.addTask(userId)
    await t.addTask(userId)
    await t.database.query("UPDATE events SET created_at = now() - interval '31 days' WHERE sequence = 1")
    expect(await t.sweeps.expireEvents(10)).toBe(1)
    expect(await events.bounds(userId)).toEqual({ oldest: 2, latest: 2 })
    await t.database.query('DELETE FROM users WHERE id = $1', [userId])
    expect(await events.bounds(userId)).toEqual({ oldest: null, latest: 0 })
    expect(await t.database.query('SELECT FROM events')).toEqual([])
  })
})

test('whoever reads an event has missed none with a lower number, however many write at the same time', async () => {
  const WRITERS = 6
  const EACH = 15
  let writing = true
  const seen: number[] = []
  const reader = (async () => {
    let after = 0
    for (let last = false; ; ) {
      const page = await events.page(userId, { after, max: 100 })
      seen.push(...page.events.map(({ sequence }) => sequence))
      after = page.next
      if (last) return
      last = !writing
    }
  })()
  const writer = async () => {
    for (let i = 0; i < EACH; i++) await t.addTask(userId)
  }
  await Promise.all(Array.from({ length: WRITERS }, writer))
  writing = false
  await reader
  expect(seen).toEqual(Array.from({ length: WRITERS * EACH }, (_, i) => i + 1))
})

describe('a page', () => {
  test('continues where the one before it ended', async () => {
    for (let i = 0; i < 5; i++) await t.addTask(userId)
    const first = await events.page(userId, { after: 0, max: 3 })
    expect(first).toMatchObject({ next: 3, more: true })
    const second = await events.page(userId, { after: first.next, max: 3 })
    expect(second).toMatchObject({ next: 5, more: false })
    expect(second.events.map(({ sequence }) => sequence)).toEqual([4, 5])
    expect(await events.page(userId, { after: 5, max: 3 })).toMatchObject({
      events: [],
      next: 5,
      more: false,
    })
  })

  test('beyond the latest event begins at the latest', async () => {
    await t.addTask(userId)
    expect(await events.page(userId, { after: 99, max: 3 })).toMatchObject({
      events: [],
      next: 1,
      more: false,
    })
  })

  test('of one type looks through a bounded number of others', async () => {
    await t.addTask(userId)
    await t.database.query(
      `INSERT INTO events (user_id, sequence, type, data)
       SELECT $1, number, 'task.created', '{}' FROM generate_series(2, 5002) AS number`,
      [userId],
    )
    await t.database.query('UPDATE event_counters SET last = 5002')
    await t.tasks.abort(userId, (await t.addTask(userId)).taskId)
    const types = ['task.aborted' as const]
    const first = await events.page(userId, { after: 0, max: 3, types })
    expect(first).toMatchObject({ events: [], next: 5000, more: true })
    const second = await events.page(userId, { after: first.next, max: 3, types })
    expect(second).toMatchObject({ events: [{ type: 'task.aborted' }], more: false })
  })
})
