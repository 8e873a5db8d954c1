import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '#local/ports.ts'
import { ffmpeg } from '../clips.ts'
import { openAccount } from '../e2e/client.ts'
import { eventually } from '../e2e/processes.ts'
import { startFakeGcs } from '../fake-gcs/server.ts'
import { startTestPostgres } from '../postgres.ts'
import { missingForEmulator, startPubSubEmulator } from '../pubsub-emulator.ts'
import { createCloudDatabase, type RoleUrls, refusal } from './database-roles.ts'
import type { Container, Engine } from './engine.ts'

const WEB = 'localhost/cutroom-web'
const BATCH = 'localhost/cutroom-batch'
const PROJECT = 'clips'
const TOPIC = 'cutroom-jobs'
const READY_TIMEOUT_MS = 120_000
const RENDER_TIMEOUT_MS = 300_000
/** Cloud Run kills an instance 10 s after SIGTERM. */
const GRACE_MS = 10_000
const FILM_S = 12
const INSUFFICIENT_PRIVILEGE = '42501'

/** Names one thing that holds, once it has been tried; throws when it does not. */
export type Try = (what: string, work: () => Promise<void>) => Promise<void>

/** Runs both images as in the cloud, next to servers on the loopback, and uses them as a client does. */
export async function tryImages(engine: Engine, dir: string, attempt: Try): Promise<void> {
  const postgres = await startTestPostgres()
  const storage = await startFakeGcs({ buckets: [PROJECT] })
  const missing = missingForEmulator()
  if (missing)
    console.error(`SKIPPED: the Pub/Sub emulator, because ${missing}. The local queue takes its turn.`)
  const pubsub = missing ? undefined : await startPubSubEmulator()
  try {
    const urls = await createCloudDatabase(postgres.url, 'clips')
    const [port, batchPort] = [await freePort(), await freePort()]
    const batchUrl = `http://127.0.0.1:${batchPort}`
    await pubsub?.subscribe({
      project: PROJECT,
      topic: TOPIC,
      subscription: TOPIC,
      pushUrl: `${batchUrl}/push?token=${SECRETS.PUSH_SECRET}`,
    })
    const queue = pubsub
      ? { QUEUE: 'pubsub', PUBSUB_EMULATOR_HOST: pubsub.host, PUBSUB_TOPIC: TOPIC }
      : { QUEUE: 'local' }
    const shared = {
      ...queue,
      ...SECRETS,
      BATCH_URL: batchUrl,
      BUCKET: PROJECT,
      GOOGLE_CLOUD_PROJECT: PROJECT,
      HOST: '127.0.0.1',
      LOG_FORMAT: 'json',
      PUBLIC_URL: `http://127.0.0.1:${port}`,
      STORAGE: 'gcs',
      STORAGE_EMULATOR_HOST: storage.url,
    }
    const settings = {
      web: { ...shared, PORT: String(port) },
      batch: { ...shared, BATCH_PORT: String(batchPort) },
    }
    await tryServices({ engine, dir, urls, settings, attempt, url: `http://127.0.0.1:${port}`, batchUrl })
  } finally {
    await engine.close()
    await Promise.all([pubsub?.stop(), storage.close(), postgres.stop()])
  }
}

const SECRETS = {
  JWT_SECRET: 'only-for-this-test-7f3a9c51e2d8b604a1c6e2f0',
  PUSH_SECRET: 'only-for-this-test',
  SECRETS_KEY: Buffer.alloc(32, 1).toString('base64'),
}

type Settings = Record<string, string>
type Scene = {
  engine: Engine
  dir: string
  urls: RoleUrls
  settings: { web: Settings; batch: Settings }
  attempt: Try
  url: string
  batchUrl: string
}

async function tryServices({ engine, dir, urls, settings, attempt, url, batchUrl }: Scene): Promise<void> {
  const { JWT_SECRET: _, ...batchSettings } = settings.batch
  const batchEnv = {
    ...batchSettings,
    DATABASE_URL: urls.batch,
    BATCH_CONCURRENCY: '2',
    CHUNK_SECONDS: '0.001',
    SWEEP_SECONDS: '1',
  }
  const started: Record<string, Container> = {}
  const start = (name: string, image: string, env: Settings) => {
    const container = engine.start(image, { env })
    started[name] = container
    return container
  }
  const film = join(dir, 'film.mp4')
  await mkdir(dir, { recursive: true })
  const inputs = ['-f', 'lavfi', '-i', `testsrc2=duration=${FILM_S}:size=320x180:rate=24`]
  const audio = ['-f', 'lavfi', '-i', `sine=frequency=440:duration=${FILM_S}`]
  await ffmpeg([...inputs, ...audio, '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-shortest', film])

  await attempt('web migrates and grants, under a role that is no superuser', async () => {
    const command = [
      'node dist/services/ops/migrate.js',
      "node dist/services/ops/grant.js 'batch=batch@clips.iam' 'web=web@clips.iam'",
    ].join(' && ')
    const output = await engine.run(WEB, {
      env: { DATABASE_URL: urls.migrate, LOG_FORMAT: 'json' },
      command: ['sh', '-euc', command],
    })
    assert.match(output, /database is up to date/)
  })
  await attempt('batch cannot read passwords, nor create tables', async () => {
    assert.equal(await refusal(urls.batch, 'SELECT password_hash FROM users'), INSUFFICIENT_PRIVILEGE)
    assert.equal(await refusal(urls.batch, 'CREATE TABLE mine (id int)'), INSUFFICIENT_PRIVILEGE)
  })
  await attempt('both become ready, read-only, without capabilities, as an ordinary user', async () => {
    const web = start('web', WEB, { ...settings.web, DATABASE_URL: urls.web })
    const batch = start('batch', BATCH, batchEnv)
    await Promise.all([untilReady(url, web), untilReady(batchUrl, batch)])
  })
  const ada = await openAccount(url)
  let upload = ''
  await attempt('a signed-up user uploads a file to the bucket', async () => {
    upload = await ada.upload(film)
  })
  await attempt('a reel is rendered and downloaded', async () => {
    const { id } = await ada.create({ upload_id: upload, preset: 'reel' })
    const isDone = ({ status }: { status: string }) => status === 'succeeded'
    const { outputs } = await ada.until(id, 'the reel', isDone, RENDER_TIMEOUT_MS)
    const [output] = outputs
    assert.equal((await ada.download(id, output?.name ?? '')).length, output?.bytes)
  })
  const recipe = { frame: { width: 96, height: 64 }, output: { format: 'mp4', quality: 'draft' } }
  const create = () => ada.create({ recipe: { sources: [{ upload_id: upload }], ...recipe } })
  await attempt('a film is divided into chunks, rendered and stitched', async () => {
    const { id } = await create()
    const isDone = ({ status }: { status: string }) => status === 'succeeded'
    const { stages } = await ada.until(id, 'the film', isDone, RENDER_TIMEOUT_MS)
    assert.ok((stages?.chunks.total ?? 0) > 1, 'the film was not divided')
  })
  await attempt(
    'SIGTERM in the middle of work ends batch in time, and its jobs go on in a worker that pulls',
    async () => {
      const { id } = await create()
      await ada.until(id, 'the work to begin', ({ status }) => status === 'running', RENDER_TIMEOUT_MS)
      await expectStop(started.batch)
      start('worker', BATCH, { ...batchEnv, WORKER_MODE: 'pull' })
      await ada.until(id, 'the film', ({ status }) => status === 'succeeded', RENDER_TIMEOUT_MS)
    },
  )
  await attempt('SIGTERM ends web and the worker in time', async () => {
    await Promise.all([expectStop(started.web), expectStop(started.worker)])
  })
}

async function untilReady(origin: string, container: Container): Promise<void> {
  let exit: number | null | undefined
  void container.exited.then((code) => {
    exit = code
  })
  await eventually(`${origin} to be ready`, READY_TIMEOUT_MS, async () => {
    if (exit !== undefined) throw new Error(`The container exited with ${exit}:\n${container.output()}`)
    await sleep(200)
    const reply = await fetch(`${origin}/health/ready`).catch(() => undefined)
    return reply?.ok
  })
}

async function expectStop(container: Container | undefined): Promise<void> {
  assert.ok(container)
  const { code, ms } = await container.stop()
  assert.equal(code, 0, container.output().slice(-2000))
  assert.ok(ms < GRACE_MS, `took ${ms} ms`)
}
