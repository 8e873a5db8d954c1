import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { expireLeases, openTestTasks, settings, type TestTasks } from '#test/task-fixtures.ts'
import { listDeadLetters, redriveDeadLetters } from './dead-letters.ts'

let t: TestTasks
let userId: string
beforeAll(async () => {
  t = await openTestTasks()
})
afterAll(() => t.close())
beforeEach(async () => {
  userId = await t.reset()
})

const backdate = (table: string, column: string) =>
  t.database.query(`UPDATE ${table} SET ${column} = now() - interval '99 days'`)
const deadLetters = () =>
  t.database.query<{ job_id: string; times: number }>('SELECT job_id, times FROM dead_letters')

describe('a worker that stops sending heartbeats', () => {
  test('loses its job, which is queued again with the reason', async () => {
    const { taskId, jobId } = await t.addTask(userId)
    await t.claim()
    await expireLeases(t.database)
    expect(await t.sweeps.requeueExpired(10)).toEqual({ requeued: 1, failed: 0 })
    expect(await t.jobRow(jobId)).toMatchObject({ status: 'queued', failures: 1 })
    expect((await t.tasks.find(userId, taskId))?.failures).toMatchObject([
      { attempt: 1, code: 'task.worker_lost' },
    ])
  })

  test('fails the task after the last attempt, and leaves one dead letter', async () => {
    const { taskId, jobId } = await t.addTask(userId)
    for (let attempt = 1; attempt <= settings.maxAttempts; attempt++) {
      await t.claim()
      await expireLeases(t.database)
      await t.sweeps.requeueExpired(10)
    }
    const task = await t.tasks.find(userId, taskId)
    expect(task).toMatchObject({ status: 'failed', error: { code: 'task.attempts_used_up' } })
    expect(task?.failures).toHaveLength(settings.maxAttempts)
    expect(await deadLetters()).toEqual([{ job_id: jobId, times: 1 }])
  })

  test('is noticed by one of two concurrent sweeps', async () => {
    await t.addTask(userId)
    await t.claim()
    await expireLeases(t.database)
    const sweeps = await Promise.all([t.sweeps.requeueExpired(10), t.sweeps.requeueExpired(10)])
    expect(sweeps.reduce((sum, { requeued }) => sum + requeued, 0)).toBe(1)
  })

  test('but whose lease has not expired keeps its job', async () => {
    await t.addTask(userId)
    await t.claim()
    expect(await t.sweeps.requeueExpired(10)).toEqual({ requeued: 0, failed: 0 })
  })
})

describe('a job that nobody has claimed', () => {
  test('is published again when it is due, and not before', async () => {
    const { jobId } = await t.addTask(userId)
    expect(await t.sweeps.claimDueForPublish(10)).toEqual([])
    await backdate('jobs', 'publish_at')
    expect(await t.sweeps.claimDueForPublish(10)).toEqual([jobId])
    expect(await t.sweeps.claimDueForPublish(10)).toEqual([])
  })

  test('is published together with at most as many others as asked for', async () => {
    for (let i = 0; i < 5; i++) await t.addTask(userId)
    await backdate('jobs', 'publish_at')
    expect(await t.sweeps.claimDueForPublish(3)).toHaveLength(3)
    expect(await t.sweeps.claimDueForPublish(3)).toHaveLength(2)
  })
})

test('a worker with a free slot gets the job that has waited longest, one at a time', async () => {
  await t.addTask(userId)
  expect(await t.sweeps.claimLongestWaiting()).toBeUndefined()
  await t.database.query("UPDATE jobs SET run_after = now() - interval '10 seconds'")
  expect(await t.sweeps.claimLongestWaiting()).toBeDefined()
  await t.claim()
  expect(await t.sweeps.claimLongestWaiting()).toBeUndefined()
})

describe('an orphaned prefix', () => {
  test('is left by an attempt that did not finish', async () => {
    const { taskId, jobId } = await t.addTask(userId)
    await t.jobs.giveBack(await t.claim())
    await backdate('orphaned_objects', 'clean_after')
    const prefix = `tasks/${taskId}/${jobId}-1/`
    expect(await t.sweeps.claimOrphanedPrefixes(10)).toEqual([prefix])
    await t.sweeps.forgetOrphanedPrefixes([prefix])
    await backdate('orphaned_objects', 'clean_after')
    expect(await t.sweeps.claimOrphanedPrefixes(10)).toEqual([])
  })

  test('is never that of a running attempt', async () => {
    await t.addTask(userId)
    await t.claim()
    await backdate('orphaned_objects', 'clean_after')
    expect(await t.sweeps.claimOrphanedPrefixes(10)).toEqual([])
  })

  test('is returned again when its removal was interrupted', async () => {
    await t.addTask(userId)
    await t.jobs.giveBack(await t.claim())
    for (let i = 0; i < 2; i++) {
      await backdate('orphaned_objects', 'clean_after')
      expect(await t.sweeps.claimOrphanedPrefixes(10)).toHaveLength(1)
    }
  })

  test('is recorded for a removed task', async () => {
    const { taskId } = await t.addTask(userId)
    await t.tasks.abort(userId, taskId)
    await t.tasks.remove(userId, taskId)
    expect(await t.sweeps.claimOrphanedPrefixes(10)).toEqual([`tasks/${taskId}/`])
  })
})

describe('retention', () => {
  test('removes the outputs of tasks that finished long ago and keeps the tasks', async () => {
    const { taskId } = await t.addTask(userId)
    const output = { name: 'a.mp4', content_type: 'video/mp4', bytes: 3, key: `tasks/${taskId}/x-1/a.mp4` }
    await t.jobs.finish(await t.claim(), { sources: [], outputs: [output] })
    expect(await t.sweeps.expireOutputs(10)).toBe(0)
    await backdate('tasks', 'finished_at')
    expect(await t.sweeps.expireOutputs(10)).toBe(1)
    expect(await t.tasks.find(userId, taskId)).toMatchObject({ status: 'succeeded', outputs: [] })
    expect(await t.sweeps.claimOrphanedPrefixes(10)).toEqual([`tasks/${taskId}/`])
  })

  test('finds outdated outputs without reading all tasks', async () => {
    const plan = await t.database.transaction(async (query) => {
      await query('SET LOCAL enable_seqscan = off')
      return query<{ 'QUERY PLAN': string }>(
        `EXPLAIN (COSTS OFF) SELECT id FROM tasks WHERE finished_at < now() - 30 * interval '1 day' AND outputs <> '[]'
         ORDER BY finished_at LIMIT 200 FOR UPDATE SKIP LOCKED`,
      )
    })
    expect(plan.map((row) => row['QUERY PLAN']).join('\n')).toContain('tasks_finished_at_with_outputs_idx')
  })

  test('removes expired sessions, API keys and links to sources, and old audit events', async () => {
    await t.database.query(
      "INSERT INTO sessions (user_id, expires_at) VALUES ($1, now() - interval '1 s'), ($1, now() + interval '1 h')",
      [userId],
    )
    await t.database.query(
      `INSERT INTO api_keys (user_id, name, prefix, key_hash, expires_at) VALUES
         ($1, 'expired', 'ck_', '\\x01', now() - interval '1 s'), ($1, 'valid', 'ck_', '\\x02', now() + interval '1 h'),
         ($1, 'for ever', 'ck_', '\\x03', NULL)`,
      [userId],
    )
    await t.database.query(
      `INSERT INTO audit_events (user_id, action, created_at) VALUES
         ($1, 'login', now() - interval '91 days'), ($1, 'login', now() - interval '89 days')`,
      [userId],
    )
    await t.database.query(
      `INSERT INTO source_links (id, user_id, url, expires_at) VALUES
         (gen_random_uuid(), $1, 'https://example.com', now() - interval '1 s'),
         (gen_random_uuid(), $1, 'https://example.com', now() + interval '1 h')`,
      [userId],
    )
    expect(await t.sweeps.expireAccess(10)).toEqual({
      sessions: 1,
      api_keys: 1,
      source_links: 1,
      audit_events: 1,
    })
    expect(await t.sweeps.expireAccess(10)).toEqual({
      sessions: 0,
      api_keys: 0,
      source_links: 0,
      audit_events: 0,
    })
    expect(await t.database.query('SELECT name FROM api_keys ORDER BY name')).toEqual([
      { name: 'for ever' },
      { name: 'valid' },
    ])
  })

  test('removes idempotency keys after a day', async () => {
    await t.database.query(
      `INSERT INTO idempotency_keys (user_id, key, request_hash, reply) VALUES ($1, 'new', '', '{}'), ($1, 'old', '', '{}')`,
      [userId],
    )
    await t.database.query(
      "UPDATE idempotency_keys SET created_at = now() - interval '25 hours' WHERE key = 'old'",
    )
    expect(await t.sweeps.expireIdempotencyKeys(10)).toBe(1)
    expect(await t.database.query('SELECT key FROM idempotency_keys')).toEqual([{ key: 'new' }])
  })
})

describe('an operator', () => {
  test('lists the dead letters, newest first, and redrives them', async () => {
    const failed = await t.addTask(userId)
    await t.jobs.fail(await t.claim(), { code: 'source.unavailable', message: 'gone' }, { usedUp: true })
    const waiting = await t.addTask(userId)
    await t.sweeps.recordDeadLetter(waiting.jobId)
    const letters = await listDeadLetters(t.database, 10)
    expect(letters.map(({ jobId, status, reason }) => ({ jobId, status, reason }))).toEqual([
      { jobId: waiting.jobId, status: 'queued', reason: 'queue gave up' },
      { jobId: failed.jobId, status: 'failed', reason: 'source.unavailable' },
    ])
    expect(await redriveDeadLetters(t.database, [failed.taskId])).toBe(1)
    expect(await redriveDeadLetters(t.database)).toBe(1)
    expect(await t.tasks.find(userId, failed.taskId)).toMatchObject({ status: 'queued', error: null })
    expect((await t.sweeps.claimDueForPublish(10)).sort()).toEqual([failed.jobId, waiting.jobId].sort())
    expect(await listDeadLetters(t.database, 10)).toEqual([])
  })
})

describe('a dead letter', () => {
  test('does not fail the job, which is published again later', async () => {
    const { taskId, jobId } = await t.addTask(userId)
    expect(await t.sweeps.recordDeadLetter(jobId)).toBe('waiting')
    expect(await t.tasks.find(userId, taskId)).toMatchObject({ status: 'queued', error: null })
    expect((await t.jobRow(jobId)).publish_at?.getTime()).toBeGreaterThan(Date.now())
  })

  test('of a finished job changes nothing', async () => {
    const { jobId } = await t.addTask(userId)
    await t.jobs.finish(await t.claim(), { sources: [], outputs: [] })
    expect(await t.sweeps.recordDeadLetter(jobId)).toBe('finished')
    expect(await deadLetters()).toEqual([])
  })

  test('that arrives twice is stored once and counted twice', async () => {
    const { jobId } = await t.addTask(userId)
    await t.sweeps.recordDeadLetter(jobId)
    await t.sweeps.recordDeadLetter(jobId)
    expect(await deadLetters()).toEqual([{ job_id: jobId, times: 2 }])
  })

  test('is removed when the owner retries the task', async () => {
    const { taskId, jobId } = await t.addTask(userId)
    await t.jobs.fail(await t.claim(), { code: 'source.unavailable', message: 'gone' }, { usedUp: true })
    expect(await deadLetters()).toHaveLength(1)
    expect(await t.tasks.retry(userId, taskId)).toMatchObject({
      jobId,
      row: { status: 'queued', error: null },
    })
    expect(await deadLetters()).toEqual([])
    expect(await t.jobRow(jobId)).toMatchObject({ status: 'queued', failures: 0, attempt: 1 })
  })
})
