import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { silentLogger } from '#shared/observability/logger.ts'
import { createPostgresQueue } from '#shared/queue/postgres.ts'
import { createPubSubQueue } from '#shared/queue/pubsub.ts'
import type { Claim } from '#shared/tasks/rows.ts'
import { missingForEmulator, startPubSubEmulator } from '#test/pubsub-emulator.ts'
import { expireLeases, openTestTasks, type TestTasks } from '#test/task-fixtures.ts'
import { createBatchApp } from '../app.ts'
import type { PushOutcome } from '../push/reply.ts'
import { type ClaimLoop, createClaimLoop, type RequestBound } from './claim-loop.ts'
import { createJobSlots } from './job-slots.ts'
import { watchForJobs } from './watch-for-jobs.ts'

// The emulator is a Java program: it takes seconds to start, and it decides when to push.
jest.setTimeout(90_000)

let it: TestTasks
let user: string
let stopping: AbortController
beforeEach(async () => {
  it = await openTestTasks()
  user = await it.addUser()
  stopping = new AbortController()
})
const opened: (() => Promise<unknown>)[] = []
afterEach(async () => {
  stopping.abort()
  for (const close of opened.splice(0).reverse()) await close()
  await it.close()
})

/** A loop with one slot on the database of the test; `work` stands for the media work of a job. */
function openLoop(work: (claim: Claim) => Promise<unknown>, requestBound?: RequestBound): ClaimLoop {
  async function process(jobId?: string): Promise<PushOutcome> {
    const result = await it.jobs.claim(jobId, 'ffmpeg 7.1')
    if (result.kind !== 'claimed') return result.kind === 'held' ? 'duplicate' : result.kind
    await work(result.claim)
    return (await it.jobs.finish(result.claim, { sources: [], outputs: [] })) ? 'done' : 'finished'
  }
  const maintenance = { republishWaiting: async () => {}, sendNewNotifications: async () => {} }
  const loop = createClaimLoop(
    { slots: createJobSlots(1), process, maintenance, requestBound, log: silentLogger },
    stopping.signal,
  )
  opened.push(loop.drained)
  return loop
}

const countOf = async (status: string) => {
  const [row] = await it.database.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM tasks WHERE status = $1::status',
    [status],
  )
  return row?.count
}

describe('a worker that nobody pushes to', () => {
  const HOUR = 3_600_000

  /** Starts a worker that would poll in an hour; resolves when it listens. `next` is the next job that it works on. */
  async function openWorker() {
    const claims: Claim[] = []
    const waiting: ((claim: Claim) => void)[] = []
    const loop = openLoop(async (claim) => {
      const resolve = waiting.shift()
      if (resolve) resolve(claim)
      else claims.push(claim)
    })
    const listening = Promise.withResolvers<void>()
    function wake() {
      loop.wake()
      listening.resolve()
    }
    opened.push(watchForJobs(it.database, wake, { pollMs: HOUR, log: silentLogger }))
    await listening.promise
    await loop.drained()
    const next = () => {
      const claim = claims.shift()
      return claim ? Promise.resolve(claim) : new Promise<Claim>((resolve) => waiting.push(resolve))
    }
    return { next }
  }

  test('works on what was created before it started', async () => {
    const { jobId } = await it.addTask(user)
    const { next } = await openWorker()
    expect((await next()).jobId).toBe(jobId)
  })

  test('is woken by each new task', async () => {
    const { next } = await openWorker()
    for (let task = 0; task < 3; task += 1) {
      const { jobId } = await it.addTask(user)
      expect((await next()).jobId).toBe(jobId)
    }
  })

  test('is woken by a job that another worker gives back', async () => {
    await it.addTask(user)
    const other = await it.claim()
    const { next } = await openWorker()
    await it.jobs.giveBack(other)
    expect(await next()).toMatchObject({ jobId: other.jobId, attempt: 2 })
  })

  test('is woken by a job that the sweep requeues for a lost worker', async () => {
    await it.addTask(user)
    const other = await it.claim()
    const { next } = await openWorker()
    await expireLeases(it.database)
    await it.sweeps.requeueExpired(10)
    expect(await next()).toMatchObject({ jobId: other.jobId, attempt: 2 })
  })

  test('is woken by a failed task that is retried', async () => {
    const { taskId, jobId } = await it.addTask(user)
    await it.jobs.fail(await it.claim(), { code: 'media.failed', message: 'It failed.' }, { usedUp: true })
    const { next } = await openWorker()
    await it.tasks.retry(user, taskId)
    expect((await next()).jobId).toBe(jobId)
  })

  test('finds what became ready while its connection was lost', async () => {
    const { next } = await openWorker()
    await it.database.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = 'LISTEN cutroom_job' AND datname = current_database()",
    )
    const { jobId } = await it.addTask(user)
    expect((await next()).jobId).toBe(jobId)
  })

  test('is woken by what another such worker publishes', async () => {
    await it.addTask(user)
    const { next } = await openWorker()
    const { jobId } = await next()
    const requeue = () =>
      it.database.query(
        `WITH requeued AS (
           UPDATE jobs SET status = 'queued', run_after = now() WHERE id = $1 AND status = 'succeeded' RETURNING task_id
         )
         UPDATE tasks SET status = 'queued' FROM requeued WHERE tasks.id = task_id RETURNING tasks.id`,
        [jobId],
      )
    // The worker tells that it works on the job; it records the end a moment later.
    while ((await requeue()).length === 0) await sleep(10)
    await createPostgresQueue(it.database).publish(jobId)
    expect((await next()).jobId).toBe(jobId)
  })
})

test('on Cloud Run, one push works off a backlog before it is answered, with nobody listening', async () => {
  const TASKS = 20
  const loop = openLoop(async () => {}, { timeoutMs: 600_000, jobMs: 540_000 })
  const jobIds: string[] = []
  for (let task = 0; task < TASKS; task += 1) jobIds.push((await it.addTask(user)).jobId)
  expect(await loop.run(jobIds[0] as string)).toBe('done')
  expect(await countOf('succeeded')).toBe(TASKS)
  expect(await loop.run(jobIds[1] as string)).toBe('finished')
})

const missing = missingForEmulator()

if (missing) {
  console.warn(`\n*** SKIPPED: a backlog is not tested with Pub/Sub, because ${missing}. ***\n`)
  test.skip(`a backlog is not tested with Pub/Sub, because ${missing}`, () => undefined)
} else {
  test('a backlog of 20 tasks on one worker leads to two busy replies at most', async () => {
    const TASKS = 20
    const loop = openLoop(() => sleep(200))
    const replies: number[] = []
    const url = await serve(loop, replies)
    const emulator = await startPubSubEmulator()
    opened.push(emulator.stop)
    const names = { project: 'cutroom-test', topic: `jobs-${randomUUID()}` }
    await emulator.subscribe({ ...names, subscription: `to-batch-${randomUUID()}`, pushUrl: `${url}/push` })
    const queue = createPubSubQueue({ ...names, log: silentLogger, emulator: emulator.host })
    opened.push(queue.close)

    for (let task = 0; task < TASKS; task += 1) {
      const { jobId } = await it.addTask(user)
      await queue.publish(jobId)
    }
    while ((await countOf('succeeded')) !== TASKS || replies.length < TASKS) await sleep(50)
    expect(replies.filter((status) => status !== 204).length).toBeLessThanOrEqual(2)
    expect(replies).toHaveLength(TASKS)
  })
}

/** Serves pushes on a loopback port, recording the status of each reply. Returns its URL. */
async function serve(loop: ClaimLoop, replies: number[]): Promise<string> {
  const app = createBatchApp({
    log: silentLogger,
    project: '',
    verifyCaller: async () => {},
    metricsToken: undefined,
    jobs: loop,
    maintenance: { run: unused, recordDeadLetter: unused },
    dryRunner: { dryRun: unused },
    sourceReader: { read: unused },
    inspector: { inspect: unused },
    checkReady: unused,
  })
  const server = createServer((req, res) => {
    res.on('finish', () => replies.push(res.statusCode))
    app(req, res)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  opened.push(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
}

const unused = () => Promise.reject(new Error('not used'))
