import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { freePort } from '#local/ports.ts'
import { encodePushEnvelope } from '#shared/contract/job-message.ts'
import { type Clips, openClips } from '../clips.ts'
import { openTestWeb } from '../web-app.ts'
import { eventually, ffmpegsOf } from './processes.ts'

const ROOT = join(import.meta.dirname, '..', '..')

let clips: Clips
let web: Awaited<ReturnType<typeof openTestWeb>>
let worker: Worker
beforeEach(async () => {
  clips = await openClips()
  web = await openTestWeb()
  worker = await startWorker()
}, 60_000)
afterEach(async () => {
  worker?.child.kill('SIGKILL')
  await web?.close()
  await clips?.remove()
})

type Worker = { child: ChildProcess; port: number; metricsPort: number; output(): string }

/** Batch as `npm run worker` runs it: with the database and the storage of web, and no secrets; it polls in an hour. */
async function startWorker(
  settings: Record<string, string> = {},
  started = 'worker claiming jobs',
): Promise<Worker> {
  const port = await freePort()
  const metricsPort = await freePort()
  const env = {
    PATH: process.env.PATH,
    NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
    WORKER_MODE: 'pull',
    WORKER_POLL_SECONDS: '3600',
    BATCH_PORT: `${port}`,
    BATCH_METRICS_PORT: `${metricsPort}`,
    BATCH_CONCURRENCY: '1',
    DATABASE_URL: web.config.database.url,
    DATA_DIR: join(web.config.storage.dir, '..'),
    ...settings,
  }
  const child = spawn(process.execPath, ['services/batch/main.ts'], {
    cwd: ROOT,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  await eventually('the worker claims jobs', 30_000, async () => {
    if (child.exitCode) throw new Error(`The worker ended with ${child.exitCode}:\n${output}`)
    return output.includes(started)
  })
  return { child, port, metricsPort, output: () => output }
}

/** Batch as Pub/Sub pushes to it, with two seconds for a job. Nothing is published: there is no emulator. */
const PUSHED = {
  WORKER_MODE: 'push',
  QUEUE: 'pubsub',
  GOOGLE_CLOUD_PROJECT: 'cutroom-test',
  PUBSUB_EMULATOR_HOST: '127.0.0.1:9',
  PUSH_SECRET: 'push-secret',
  MEDIA_DEADLINE_SECONDS: '1',
  JOB_DEADLINE_SECONDS: '30',
  LONG_JOBS: 'pull',
}

async function createTask(clip: string, recipe: object = {}) {
  const user = await web.signUp()
  const upload_id = await web.createUpload(user, await readFile(clip))
  return (await web.createTask(user, { recipe: { sources: [{ upload_id }], ...recipe } })).id
}

const statusOf = async (id: string) => {
  const [task] = await web.database.query<{ status: string }>('SELECT status FROM tasks WHERE id = $1', [id])
  return task?.status
}

test('a worker that pulls works off tasks without any push, and serves nothing but its metrics', async () => {
  const clip = await clips.clip()
  const ids = [await createTask(clip), await createTask(clip), await createTask(clip)]
  await eventually(`all tasks have succeeded:\n${worker.output()}`, 60_000, async () =>
    (await Promise.all(ids.map(statusOf))).every((status) => status === 'succeeded'),
  )
  await expect(fetch(`http://127.0.0.1:${worker.port}/health/live`)).rejects.toThrow('fetch failed')
  // A job is counted once its success has been recorded.
  await eventually('all jobs are counted', 10_000, async () => {
    const metrics = await fetch(`http://127.0.0.1:${worker.metricsPort}/metrics`)
    return (await metrics.text()).includes('cutroom_job_outcomes_total{outcome="done"} 3')
  })
}, 120_000)

test('at SIGTERM it gives its job back and exits with 0', async () => {
  const long = await clips.clip({ size: '640x360', seconds: 30, options: ['-preset', 'ultrafast'] })
  const id = await createTask(long, { output: { format: 'webm', quality: 'high' } })
  await eventually('ffmpeg runs', 30_000, async () => (await ffmpegsOf(worker.child.pid ?? 0)).length > 0)
  const exited = once(worker.child, 'exit')
  worker.child.kill('SIGTERM')
  expect(await exited).toEqual([0, null])
  expect(await statusOf(id)).toBe('queued')
}, 120_000)

test('with DRAIN_SECONDS it ends its job at SIGTERM, and claims no other', async () => {
  worker.child.kill('SIGKILL')
  worker = await startWorker({ DRAIN_SECONDS: '60' })
  const clip = await clips.clip({ size: '640x360', seconds: 8, options: ['-preset', 'ultrafast'] })
  const recipe = { output: { format: 'webm', quality: 'draft' } }
  const ids = [await createTask(clip, recipe), await createTask(clip, recipe)]
  await eventually('ffmpeg runs', 30_000, async () => (await ffmpegsOf(worker.child.pid ?? 0)).length > 0)
  const exited = once(worker.child, 'exit')
  worker.child.kill('SIGTERM')
  expect(await exited).toEqual([0, null])
  expect((await Promise.all(ids.map(statusOf))).toSorted()).toEqual(['queued', 'succeeded'])
}, 120_000)

describe('a worker that ends with its work', () => {
  beforeEach(async () => {
    const killed = once(worker.child, 'exit')
    worker.child.kill('SIGKILL')
    await killed
  })

  test('works off all tasks and exits with 0', async () => {
    const clip = await clips.clip()
    const ids = [await createTask(clip), await createTask(clip)]
    worker = await startWorker({ WORKER_MODE: 'job' })
    if (worker.child.exitCode === null) await once(worker.child, 'exit')
    expect(worker.child.exitCode).toBe(0)
    expect(await Promise.all(ids.map(statusOf))).toEqual(['succeeded', 'succeeded'])
    expect(worker.output()).toContain('no job is left to claim')
  }, 120_000)

  test('renders a GIF that was too long for a push', async () => {
    const clip = await clips.clip({ size: '640x360', seconds: 20, options: ['-preset', 'ultrafast'] })
    const id = await createTask(clip, { output: { format: 'gif' } })
    const [job] = await web.database.query<{ id: string }>('SELECT id FROM jobs WHERE task_id = $1', [id])
    const push = encodePushEnvelope(
      { job_id: job?.id ?? '' },
      { messageId: '1', publishedAt: new Date(), subscription: 'jobs', attempt: 1 },
    )
    worker = await startWorker(PUSHED, 'batch service listening')
    const reply = await fetch(`http://127.0.0.1:${worker.port}/push`, {
      method: 'POST',
      headers: { authorization: `Bearer ${PUSHED.PUSH_SECRET}` },
      body: JSON.stringify(push),
    })
    expect(reply.status).toBe(204)
    // The worker may have claimed it by itself before.
    await eventually('the job is handed over', 30_000, async () =>
      worker.output().includes('left to workers that have more time'),
    )
    expect(await statusOf(id)).toBe('queued')
    worker.child.kill('SIGKILL')
    worker = await startWorker({ WORKER_MODE: 'job' })
    if (worker.child.exitCode === null) await once(worker.child, 'exit')
    expect([worker.child.exitCode, await statusOf(id)]).toEqual([0, 'succeeded'])
  }, 120_000)

  test('gives its job back at SIGTERM, and exits with 0', async () => {
    const long = await clips.clip({ size: '640x360', seconds: 30, options: ['-preset', 'ultrafast'] })
    const id = await createTask(long, { output: { format: 'webm', quality: 'high' } })
    worker = await startWorker({ WORKER_MODE: 'job' })
    await eventually('ffmpeg runs', 30_000, async () => (await ffmpegsOf(worker.child.pid ?? 0)).length > 0)
    const exited = once(worker.child, 'exit')
    worker.child.kill('SIGTERM')
    const end = await exited
    expect({ end, output: end[0] === 0 ? '' : worker.output() }).toEqual({ end: [0, null], output: '' })
    expect(await statusOf(id)).toBe('queued')
  }, 120_000)
})
