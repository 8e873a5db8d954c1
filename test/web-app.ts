import './one-realm.ts'
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
import { type ClientLimits, listen } from '#shared/http/listen.ts'
import type { Logger } from '#shared/observability/logger.ts'
import type { Queue } from '#shared/queue/port.ts'
import { createDiskStorage } from '#shared/storage/disk.ts'
import { jobRepository } from '#shared/tasks/job-repository.ts'
import type { Claim } from '#shared/tasks/rows.ts'
import { taskRepository } from '#shared/tasks/task-repository.ts'
import { uploadRepository } from '#shared/uploads/upload-repository.ts'
import { createWebApp } from '#web/app.ts'
import { createAccounts } from '#web/auth/accounts.ts'
import { createPasswords } from '#web/auth/passwords.ts'
import { createTokens } from '#web/auth/tokens.ts'
import type { WebDeps } from '#web/deps.ts'
import { createTestDatabase } from './database.ts'

export type TestUser = { id: string; token: string; username: string; email: string; password: string }

export type TestWeb = Awaited<ReturnType<typeof openTestWeb>>

/** What a test may want otherwise than usual: settings by their names, rooms' parts, the pace of bodies. */
export type Overrides = { env?: Record<string, string>; deps?: Partial<WebDeps>; pace?: ClientLimits }

/**
 * The real web service on a loopback port, with a database and a disk store of its own, and a queue that only
 * takes notes. Links it gives start with `config.publicUrl`, which nobody listens on: `pathOf` makes them
 * paths. `close` puts everything away.
 */
export async function openTestWeb({ env = {}, deps = {}, pace }: Overrides = {}) {
  const postgres = await createTestDatabase()
  const dataDir = await mkdtemp(join(tmpdir(), 'cutroom-web-'))
  const config = testConfig({ DATABASE_URL: postgres.url, DATA_DIR: dataDir, ...env })
  const log = recordingLog()
  const database = deps.database ?? (await openDatabase(config.database, log))
  const storage = deps.storage ?? createDiskStorage(config.storage)
  const queue = recordingQueue()
  const changes = listenForTaskChanges(database, log, 50)
  const stopping = new AbortController()
  const app = createWebApp({
    config,
    log,
    database,
    queue,
    storage,
    changes,
    tasks: taskRepository(database, {
      republishAfterMs: config.jobs.republishAfterMs,
      quotas: config.quotas,
    }),
    uploads: uploadRepository(database, { retentionDays: config.retention.uploadDays }),
    accounts: createAccounts(database, createPasswords(config.auth.bcryptCost)),
    tokens: createTokens(config.auth),
    stopping: stopping.signal,
    ...deps,
  })
  const server = await listen(app, { port: 0, host: '127.0.0.1' }, pace)
  const url = `http://127.0.0.1:${server.port}`
  const agent = supertest(url)
  const jobs = jobRepository(database, { ...config.jobs, orphanGraceMs: config.retention.orphanGraceMs })
  const bearer = ({ token }: Pick<TestUser, 'token'>) => `Bearer ${token}`

  /** A new account, and a token of it. */
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

  /** An upload of the user's that holds these bytes. */
  async function makeUpload(user: TestUser, bytes: Buffer | string = 'bytes'): Promise<string> {
    const { body } = await agent.post('/uploads').set('Authorization', bearer(user)).send({}).expect(201)
    const { upload_id, url } = body as Upload
    await agent.put(pathOf(url)).send(Buffer.from(bytes)).expect(201)
    return upload_id
  }

  /** A task of the user's, by default of an address that nobody reads. */
  async function makeTask(
    user: TestUser,
    body: object = { url: 'https://example.com/a.mp4' },
  ): Promise<Task> {
    const reply = await agent.post('/tasks').set('Authorization', bearer(user)).send(body).expect(202)
    return reply.body
  }

  /** Takes a task up as batch would, whoever's turn it is. */
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
    if (!claimed) throw new Error(`Task ${taskId} has no job that waits.`)
    return claimed
  }

  /** Ends a task as batch would, with these files as its outputs. */
  async function finish(taskId: string, files: Record<string, Buffer | string> = {}) {
    const claimed = await claim(taskId)
    const outputs = Object.entries(files).map(([name, text]) => ({
      name,
      content_type: 'video/mp4',
      bytes: Buffer.byteLength(text),
      key: `tasks/${taskId}/${claimed.jobId}-${claimed.attempt}/${name}`,
    }))
    for (const [place, text] of Object.values(files).entries()) {
      const key = outputs[place]?.key ?? ''
      await storage.create(key, Readable.from([Buffer.from(text)]), { contentType: 'video/mp4' })
    }
    await jobs.finish(claimed, { sources: [], outputs })
    return outputs
  }

  /** The path and query of a link that web gave. */
  function pathOf(link: string): string {
    if (!link.startsWith(`${config.publicUrl}/`)) throw new Error(`${link} is no link of this service.`)
    return link.slice(config.publicUrl.length)
  }

  async function close() {
    stopping.abort()
    await server.drain(1_000)
    await changes.close()
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
    makeUpload,
    makeTask,
    claim,
    finish,
    pathOf,
    close,
  }
}

/** Settings of a test: quick passwords, secrets of its own, and nothing of the machine's environment. */
export const testConfig = (env: Record<string, string>): Config =>
  loadConfig({
    JWT_SECRET: 'a secret for tests alone: 0123456789 abcdef',
    PUSH_SECRET: 'another secret for tests',
    PUBLIC_URL: 'http://cutroom.test',
    BCRYPT_COST: '4',
    TASKS_PER_SECOND: '1000000',
    TASKS_MAX_UNFINISHED: '1000000',
    ...env,
  })

/** A queue that notes what it is asked to ring, and that fails while told to. */
function recordingQueue() {
  const rung: string[] = []
  let down = false
  const queue: Queue = {
    async publish(jobId) {
      if (down) throw new CutroomError('queue.unavailable', 'The queue is down for this test.')
      rung.push(jobId)
    },
    async close() {},
  }
  return {
    ...queue,
    /** Ids of the jobs that were rung, in order. */
    rung,
    fail(failing: boolean) {
      down = failing
    },
  }
}

/** A log that keeps warnings and errors for the test to look at. */
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
    lines /** The errors since the last look. */,
    takeErrors: () => lines.splice(0).filter(({ level }) => level === 'error'),
  }
}
