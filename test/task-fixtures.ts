import { randomBytes, randomUUID } from 'node:crypto'
import type { Credential } from '#shared/accounts/require-credential.ts'
import type { Notify } from '#shared/contract/notify.ts'
import { type Database, openDatabase } from '#shared/database/database.ts'
import { silentLogger } from '#shared/observability/logger.ts'
import type { NewJob } from '#shared/tasks/graph/expand-job.ts'
import { jobRepository } from '#shared/tasks/job-repository.ts'
import type { Claim, TaskRow } from '#shared/tasks/rows.ts'
import { sweepRepository } from '#shared/tasks/sweep-repository.ts'
import { taskRepository } from '#shared/tasks/task-repository.ts'
import { createTestDatabase } from './database.ts'

const RECIPE = { sources: [{ url: 'https://example.com/a.mp4' }], output: { format: 'mp4' } } as never

/** One key, for the headers of sources. */
export const SEALING_KEYS = [randomBytes(32)]

/** The build of the test's workers. */
export const BUILD = 'ffmpeg 7.1 cutroom 0.0.0'

export const settings = {
  leaseMs: 60_000,
  orphanGraceMs: 60_000,
  republishAfterMs: 30_000,
  maxAttempts: 3,
  outputDays: 30,
  auditDays: 90,
  eventDays: 30,
}

/** The task repositories on a database of their own, and helpers that put it into a given state. */
export async function openTestTasks() {
  const { url, drop } = await createTestDatabase()
  const database = await openDatabase({ url, poolMax: 10, cloudSql: undefined }, silentLogger)
  const quotas = { unfinished: 1000, mailsPerHour: 60 }
  const { republishAfterMs } = settings
  const tasks = taskRepository(database, { republishAfterMs, quotas, sealingKeys: SEALING_KEYS })
  const jobs = jobRepository(database, settings)
  const sweeps = sweepRepository(database, settings)

  async function addUser(): Promise<string> {
    const name = randomUUID()
    const user = await database.prisma.user.create({
      data: { username: name, usernameKey: name, email: name, emailKey: name, passwordHash: 'none' },
    })
    return user.id
  }

  /** A session of a user, as the caller of a request. */
  async function addCaller(userId: string): Promise<Credential> {
    const [session] = await database.query<{ id: string }>(
      "INSERT INTO sessions (user_id, expires_at) VALUES ($1, now() + interval '1 h') RETURNING id",
      [userId],
    )
    return { userId, sessionId: session?.id }
  }

  /** Empties the tables; returns the id of a new user. */
  async function reset(): Promise<string> {
    await database.query('TRUNCATE users CASCADE')
    await database.query('TRUNCATE orphaned_objects')
    return addUser()
  }

  async function addTask(userId: string, notify?: Notify): Promise<{ taskId: string; jobId: string }> {
    const { reply, jobId } = await tasks.create(
      { userId, preset: null, recipe: RECIPE, notify },
      (row: TaskRow) => row.id,
    )
    return { taskId: reply, jobId: jobId ?? '' }
  }

  /**
   * A task whose `render` was claimed and expanded into these jobs, by default two chunks, the audio and the stitch that
   * waits for them. Nothing else may be claimable.
   */
  async function addExpandedTask(userId: string, newJobs: NewJob[] = FILM) {
    const { taskId } = await addTask(userId)
    const render = await claim()
    await jobs.expand(render, { sources: [], plan: { fps: 25 }, build: BUILD, jobs: newJobs })
    const rows = await database.query<{ id: string }>(
      "SELECT id FROM jobs WHERE task_id = $1 AND kind <> 'render' ORDER BY created_at",
      [taskId],
    )
    return { taskId, render, jobIds: rows.map(({ id }) => id) }
  }

  /** Claims the only queued job. */
  async function claim(): Promise<Claim> {
    const result = await jobs.claim(randomUUID(), BUILD)
    if (result.kind !== 'claimed') throw new Error(`No job to claim: ${result.kind}.`)
    return result.claim
  }

  /** Claims whatever is ready, until nothing is. */
  async function claimAll(): Promise<Claim[]> {
    const claims: Claim[] = []
    for (;;) {
      const result = await jobs.claim(undefined, BUILD)
      if (result.kind !== 'claimed') return claims
      claims.push(result.claim)
    }
  }

  /** The jobs that a task was expanded into, in order. */
  const jobsOf = (taskId: string) =>
    database.query<{
      kind: string
      status: string
      waits_for: number
      ready: boolean
      publish_at: Date | null
    }>(
      `SELECT kind, status, waits_for, run_after <= now() AS ready, publish_at FROM jobs
       WHERE task_id = $1 AND kind <> 'render' ORDER BY created_at`,
      [taskId],
    )

  const jobRow = async (jobId: string) => {
    const [row] = await database.query<JobState>('SELECT * FROM jobs WHERE id = $1', [jobId])
    return row as JobState
  }

  async function close() {
    await database.close()
    await drop()
  }

  return {
    url,
    database,
    tasks,
    jobs,
    sweeps,
    reset,
    addUser,
    addCaller,
    addTask,
    addExpandedTask,
    claim,
    claimAll,
    jobsOf,
    jobRow,
    close,
  }
}

const part = (kind: NewJob['kind'], unblocks: number | null, weight = 1, params: unknown = {}): NewJob => ({
  kind,
  params,
  weight,
  unblocks,
})
const FILM = [
  part('chunk', 3, 4, { frames: [0, 100] }),
  part('chunk', 3, 4, { frames: [100, 200] }),
  part('audio', 3),
  part('stitch', null),
]

/** `count` chunks and the stitch that waits for them. */
export const chunksAndStitch = (count: number): NewJob[] => [
  ...Array.from({ length: count }, () => part('chunk', count)),
  part('stitch', null),
]

export type TestTasks = Awaited<ReturnType<typeof openTestTasks>>
export type JobState = {
  status: string
  attempt: number
  failures: number
  publish_at: Date | null
  run_after: Date
  waits_for: number
  result: unknown
  previous_error: unknown
}

/** Makes every lease look as if it had expired a minute ago. */
export const expireLeases = ({ query }: Database) =>
  query("UPDATE jobs SET lease_until = now() - interval '1 minute' WHERE status = 'running'")
