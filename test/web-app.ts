import './cross-realm-errors.ts'
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import supertest from 'supertest'
import { type Config, loadConfig } from '#shared/config.ts'
import type { Task } from '#shared/contract/tasks.ts'
import type { Upload } from '#shared/contract/uploads.ts'
import { openDatabase } from '#shared/database/database.ts'
import { listenForTaskChanges } from '#shared/database/task-change-listener.ts'
import { CutroomError } from '#shared/errors.ts'
import { listenForEvents } from '#shared/events/event-listener.ts'
import { type ClientLimits, listen } from '#shared/http/listen.ts'
import type { Logger } from '#shared/observability/logger.ts'
import type { Queue } from '#shared/queue/port.ts'
import { createDiskStorage } from '#shared/storage/disk.ts'
import { jobRepository } from '#shared/tasks/job-repository.ts'
import type { Claim } from '#shared/tasks/rows.ts'
import { createWebApp } from '#web/app.ts'
import { createWebDeps, type WebDeps } from '#web/deps.ts'
import { createTestDatabase } from './database.ts'
import { NO_LIMITS } from './no-limits.ts'

export type TestUser = { id: string; token: string; username: string; email: string; password: string }

export type TestWeb = Awaited<ReturnType<typeof openTestWeb>>

/** What a test can override: settings by their environment names, dependencies of the app, limits on slow clients. */
export type Overrides = { env?: Record<string, string>; deps?: Partial<WebDeps>; clientLimits?: ClientLimits }

/** Shorter than in production, so that no test waits for a lost LISTEN connection. */
const RECONNECT_MS = 50

/**
 * Starts the real web service on a loopback port, with a database and a disk store of its own, and a queue that only
 * records what is published. URLs in replies start with `config.publicUrl`, where nothing listens: `pathOf` turns them
 * into paths. `close` stops the service and deletes its data.
 */
export async function openTestWeb({ env = {}, deps = {}, clientLimits }: Overrides = {}) {
  const postgres = await createTestDatabase()
  const dataDir = await mkdtemp(join(tmpdir(), 'cutroom-web-'))
  const config = testConfig({ DATABASE_URL: postgres.url, DATA_DIR: dataDir, ...env })
  const log = recordingLog()
  const database = deps.database ?? (await openDatabase(config.database, log))
  const storage = deps.storage ?? createDiskStorage(config.storage)
  const queue = recordingQueue()
  const changes = listenForTaskChanges(database, log, RECONNECT_MS)
  const eventListener = listenForEvents(database, log, RECONNECT_MS)
  const stopping = new AbortController()
  const resources = {
    config,
    log,
    database,
    queue,
    storage,
    changes,
    eventListener,
    stopping: stopping.signal,
  }
  const app = createWebApp({ ...createWebDeps(resources), ...deps })
  const server = await listen(app, { port: 0, host: '127.0.0.1' }, clientLimits)
  const url = `http://127.0.0.1:${server.port}`
  const agent = supertest(url)
  const jobs = jobRepository(database, { ...config.jobs, orphanGraceMs: config.retention.orphanGraceMs })
  const bearer = ({ token }: Pick<TestUser, 'token'>) => `Bearer ${token}`

  /** Creates an account and logs in. */
  async function signUp(name = `user-${randomUUID().slice(0, 8)}`): Promise<TestUser> {
    const account = { username: name, email: `${name}@example.com`, password: 'correct horse battery' }
    const { body: user } = await agent
      .post('/auth/signup')
      .send({ ...account, password_2: account.password })
      .expect(201)
    const { email, password } = account
    const { body } = await agent.post('/auth/login').send({ email, password }).expect(200)
    return { ...account, id: user.id, token: body.token }
  }

  /** Uploads a file and returns its upload id. */
  async function createUpload(user: TestUser, bytes: Buffer | string = 'bytes'): Promise<string> {
    const { body } = await agent.post('/uploads').set('Authorization', bearer(user)).send({}).expect(201)
    const { upload_id, url } = body as Upload
    await agent.put(pathOf(url)).send(Buffer.from(bytes)).expect(201)
    return upload_id
  }

  /** Creates a task; its default source is never fetched. */
  async function createTask(
    user: TestUser,
    body: object = { url: 'https://example.com/a.mp4' },
  ): Promise<Task> {
    const reply = await agent.post('/tasks').set('Authorization', bearer(user)).send(body).expect(202)
    return reply.body
  }

  /** Claims a task's job as a worker would, ignoring the turns of users. */
  async function claim(taskId: string): Promise<Claim> {
    const [claimed] = await database.query<Claim>(
      `WITH job AS (
         UPDATE jobs SET status = 'running', attempt = attempt + 1, lease_until = now() + interval '1 hour'
         WHERE task_id = $1 AND status = 'queued' RETURNING *
       )
       UPDATE tasks SET status = 'running', attempts = attempts + 1, started_at = now()
       FROM job WHERE tasks.id = task_id
       RETURNING job.id AS "jobId", tasks.id AS "taskId", tasks.user_id AS "userId", attempt, job.failures, recipe`,
      [taskId],
    )
    if (!claimed) throw new Error(`Task ${taskId} has no queued job.`)
    return claimed
  }

  /** Claims and finishes a task as a worker would, with these files as its outputs. */
  async function finish(taskId: string, files: Record<string, Buffer | string> = {}) {
    const claimed = await claim(taskId)
    const outputs = Object.entries(files).map(([name, text]) => ({
      name,
      content_type: 'video/mp4',
      bytes: Buffer.byteLength(text),
      key: `tasks/${taskId}/${claimed.jobId}-${claimed.attempt}/${name}`,
    }))
    for (const [index, text] of Object.values(files).entries()) {
      const key = outputs[index]?.key ?? ''
      await storage.create(key, Readable.from([Buffer.from(text)]), { contentType: 'video/mp4' })
    }
    await jobs.finish(claimed, { sources: [], outputs })
    return outputs
  }

  /** The path and query of a URL from a reply. */
  function pathOf(link: string): string {
    if (!link.startsWith(`${config.publicUrl}/`)) {
      throw new Error(`${link} is not a URL of this service.`)
    }
    return link.slice(config.publicUrl.length)
  }

  async function close() {
    stopping.abort()
    await server.drain(1_000)
    await Promise.all([changes.close(), eventListener.close()])
    await database.close()
    await postgres.drop()
    await rm(dataDir, { recursive: true, force: true })
  }

  return {
    url,
    port: server.port,
    agent,
    config,
    database,
    storage,
    queue,
    log,
    stopping,
    jobs,
    bearer,
    signUp,
    createUpload,
    createTask,
    claim,
    finish,
    pathOf,
    close,
  }
}

/** The settings of a test: cheap password hashes, no quotas, and nothing from the environment of the process. */
export const testConfig = (env: Record<string, string>): Config =>
  loadConfig({
    JWT_SECRET: 'a secret for tests alone: 0123456789 abcdef',
    PUSH_SECRET: 'another secret for tests',
    SECRETS_KEY: Buffer.alloc(32, 'a key for tests ').toString('base64'),
    PUBLIC_URL: 'http://cutroom.test',
    BCRYPT_COST: '4',
    METRICS_TOKEN: 'a-token-for-metrics-alone',
    ...NO_LIMITS,
    ...env,
  })

/** A queue that records the jobs published, and that fails while `fail(true)` is in effect. */
function recordingQueue() {
  const published: string[] = []
  let down = false
  const queue: Queue = {
    async publish(jobId) {
      if (down) throw new CutroomError('queue.unavailable', 'The queue is down for this test.')
      published.push(jobId)
    },
    async close() {},
  }
  return {
    ...queue,
    /** The ids of the published jobs, in order. */
    published,
    fail(failing: boolean) {
      down = failing
    },
  }
}

/** A log that keeps warnings and errors for the test to examine. */
function recordingLog() {
  const lines: { level: 'warn' | 'error'; event: string; fields: Record<string, unknown> }[] = []
  const log: Logger = {
    error: (event, fields = {}) => void lines.push({ level: 'error', event, fields }),
    warn: (event, fields = {}) => void lines.push({ level: 'warn', event, fields }),
    info() {},
    debug() {},
    child: () => log,
  }
  return {
    ...log,
    child: () => log,
    lines,
    /** Removes and returns the errors logged so far. */
    takeErrors: () => lines.splice(0).filter(({ level }) => level === 'error'),
  }
}
