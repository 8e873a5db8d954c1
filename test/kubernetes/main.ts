/**
 * `npm run test:kubernetes`: runs every container of deploy/kubernetes as a process, as no cluster is needed for that: command,
 * settings, secrets, probes and metrics are those of the manifests, and addresses, ports and folders of this machine. Takes about
 * a minute, so it is no part of `npm test`.
 */
import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '#local/ports.ts'
import { build } from '../../scripts/build.ts'
import { ffmpeg } from '../clips.ts'
import { openAccount } from '../e2e/client.ts'
import type { Running } from '../e2e/compose.ts'
import { eventually, ffmpegsOf } from '../e2e/processes.ts'
import { startTestPostgres } from '../postgres.ts'
import { openPods } from './pods.ts'

const ROOT = join(import.meta.dirname, '../..')
const RENDER_TIMEOUT_MS = 120_000
let passed = 0

async function attempt(what: string, work: () => Promise<void>): Promise<void> {
  await work()
  passed += 1
  console.log(`passed: ${what}`)
}

async function tryPods(home: string, app: string, databaseUrl: string, pods: Running[]): Promise<void> {
  const [port, batchPort, metricsPort] = [await freePort(), await freePort(), await freePort()]
  const url = `http://127.0.0.1:${port}`
  const data = join(home, 'data')
  await mkdir(join(home, 'scratch'), { recursive: true })
  const cluster = await openPods({
    app,
    ports: { 8080: port, 8081: batchPort },
    env: {
      BATCH_METRICS_PORT: String(metricsPort),
      BATCH_PORT: String(batchPort),
      BATCH_URL: `http://127.0.0.1:${batchPort}`,
      DATABASE_URL: databaseUrl,
      DATA_DIR: data,
      HOST: '127.0.0.1',
      METRICS_PORT: String(await freePort()),
      NODE_COMPILE_CACHE: join(home, 'cache'),
      PORT: String(port),
      PUBLIC_URL: url,
      SCRATCH_DIR: join(home, 'scratch'),
    },
  })
  const run = (owner: string) => {
    const pod = cluster.run(owner)
    pods.push(pod)
    return pod
  }

  await attempt('the migration ends with 0, with the database alone', async () => {
    const migration = run('Job migrate')
    assert.equal(await migration.exited, 0, migration.output())
  })
  const [web, batch] = [run('Deployment web'), run('Deployment batch')]
  await attempt('web and batch pass their probes', async () => {
    for (const probe of ['startupProbe', 'readinessProbe', 'livenessProbe'] as const) {
      await Promise.all([
        cluster.passes('Deployment web', probe, web),
        cluster.passes('Deployment batch', probe, batch),
      ])
    }
  })
  const clip = join(home, 'clip.mp4')
  const inputs = ['-f', 'lavfi', '-i', 'testsrc2=duration=8:size=640x360:rate=24']
  await ffmpeg([...inputs, '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', clip])
  const ada = await openAccount(url)
  const upload_id = await ada.upload(clip)
  const render = (output: object) => ada.create({ recipe: { sources: [{ upload_id }], output } })
  const untilDone = (id: string) =>
    ada.until(id, 'the result', ({ status }) => status === 'succeeded', RENDER_TIMEOUT_MS)
  await attempt('an upload is rendered, and comes back', async () => {
    const { id } = await render({ format: 'mp4', quality: 'draft' })
    const { outputs } = await untilDone(id)
    assert.equal((await ada.download(id, outputs[0]?.name ?? '')).length, outputs[0]?.bytes)
  })
  await attempt('the metrics are on a port of their own, for bearers of the token', async () => {
    const metrics = `http://127.0.0.1:${metricsPort}/metrics`
    assert.equal((await fetch(metrics)).status, 404)
    assert.equal((await fetch(`${url}/metrics`)).status, 404)
  })
  await attempt('SIGTERM: batch ends its job first, and claims no other; web ends', async () => {
    const long = { format: 'webm', quality: 'draft' }
    const ids = [(await render(long)).id, (await render(long)).id]
    await eventually(
      'ffmpeg runs',
      RENDER_TIMEOUT_MS,
      async () => (await ffmpegsOf(batch.child.pid ?? 0)).length > 0,
    )
    batch.child.kill('SIGTERM')
    assert.ok(cluster.graceSeconds('Deployment batch') >= 600)
    assert.equal(await batch.exited, 0, batch.output().slice(-2000))
    const states = await Promise.all(ids.map(async (id) => (await ada.task(id)).status))
    assert.deepEqual(states.toSorted(), ['queued', 'succeeded'])
    const worker = run('Deployment worker')
    await attempt('a worker takes over what waits', async () => {
      await Promise.all(ids.map(untilDone))
    })
    for (const pod of [web, worker]) pod.child.kill('SIGTERM')
    assert.deepEqual(await Promise.all([web.exited, worker.exited]), [0, 0])
  })
}

const home = await mkdtemp(join(tmpdir(), 'cutroom-kubernetes-'))
// Inside the repository, so that the compiled code finds node_modules, as in the images.
const app = join(ROOT, '.cutroom-test', `kubernetes-${process.pid}`)
const pods: Running[] = []
const postgres = await startTestPostgres()
try {
  await build(ROOT, join(app, 'dist'))
  await tryPods(home, app, postgres.url, pods)
  console.log(`${passed} passed, 0 failed`)
} catch (error) {
  console.error(error)
  console.log(`${passed} passed, 1 failed`)
  process.exitCode = 1
} finally {
  for (const { child } of pods) child.kill('SIGKILL')
  await postgres.stop()
  await Promise.all([home, app].map((dir) => rm(dir, { recursive: true, force: true })))
}
