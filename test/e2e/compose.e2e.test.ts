import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { freePort } from '#local/ports.ts'
import { encodeJobMessage } from '#shared/contract/job-message.ts'
import { openDatabase } from '#shared/database/database.ts'
import { silentLogger } from '#shared/observability/logger.ts'
import { parseYaml } from '../../deploy/checks/yaml.ts'
import { build } from '../../scripts/build.ts'
import { createTestDatabase, type TestDatabase } from '../database.ts'
import { type FakeGcs, startFakeGcs } from '../fake-gcs/server.ts'
import { type MailServer, startMailServer } from '../mail-server.ts'
import { missingForEmulator, startPubSubEmulator } from '../pubsub-emulator.ts'
import { openAccount } from './client.ts'
import { type Compose, openCompose } from './compose.ts'
import { eventually } from './processes.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const AUDIO = '-f lavfi -i sine=frequency=440:duration=2 -c:a aac'

/** Inside the repository, so that the compiled code finds node_modules, as in the images. */
const app = join(ROOT, '.cutroom-test', `compose-${process.pid}`)
let home: string
let database: TestDatabase
let pubsub: PushService
let storage: FakeGcs
let mail: MailServer
let compose: Compose
let url: string
let batchUrl: string
let metricsUrls: string[]

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'cutroom-compose-'))
  await mkdir(join(home, 'scratch'))
  ;[database, pubsub, storage, mail] = await Promise.all([
    createEmptyDatabase(),
    startPushService(),
    startFakeGcs({ buckets: [] }),
    startMailServer(),
    build(ROOT, join(app, 'dist')),
  ])
  const [port, batchPort] = [`${await freePort()}`, `${await freePort()}`]
  const [metricsPort, batchMetricsPort] = [`${await freePort()}`, `${await freePort()}`]
  metricsUrls = [metricsPort, batchMetricsPort].map((each) => `http://127.0.0.1:${each}/metrics`)
  url = `http://127.0.0.1:${port}`
  batchUrl = `http://127.0.0.1:${batchPort}`
  compose = await openCompose({
    'postgresql://cutroom:cutroom@postgres:5432/cutroom': database.url,
    'pubsub:8085': pubsub.host,
    'http://storage.localhost:4443': storage.url,
    'smtp://mailpit:1025': mail.url,
    'http://batch:8081': batchUrl,
    '0.0.0.0': '127.0.0.1',
    '8080': port,
    '8081': batchPort,
    '9464': metricsPort,
    '9465': batchMetricsPort,
    '/app': app,
    '/prepare/': join(ROOT, 'deploy/compose/'),
    '/scratch': join(home, 'scratch'),
    '/tmp': home,
  })
}, 60_000)

afterAll(async () => {
  compose?.kill()
  await Promise.all([pubsub?.stop(), storage?.close(), mail?.close()])
  await database?.drop()
  await Promise.all([home, app].map((folder) => rm(folder, { recursive: true, force: true })))
})

test('every address in the settings is on this machine', () => {
  for (const name of ['prepare', 'migrate', 'web', 'batch']) {
    const addresses = Object.values(compose.environment(name)).flatMap((value) => value.match(ADDRESS) ?? [])
    expect(addresses.filter((address) => !/^(127\.0\.0\.1|localhost):/.test(address))).toEqual([])
  }
})

test('all services start in order and become healthy, by the health checks of compose and of the images', async () => {
  await compose.up('web')
  await compose.up('batch')
  await Promise.all([compose.healthy('web'), compose.healthy('batch')])
  expect(compose.output('migrate')).toContain('database is up to date')
  expect(compose.output('prepare')).toContain('are ready')
  expect(await Promise.all(['web', 'batch'].map(compose.checkImage))).toEqual([0, 0])
}, 60_000)

test('an uploaded file is rendered through Pub/Sub, and a result and a mail come back', async () => {
  const before = await filesOf(app)
  const clip = join(home, 'clip.m4a')
  await promisify(execFile)('ffmpeg', ['-nostdin', '-v', 'error', ...AUDIO.split(' '), clip])
  const ada = await openAccount(url)
  const { id } = await ada.create({
    upload_id: await ada.upload(clip),
    preset: 'mp3',
    notify: { email: true },
  })
  await pubsub.pushAll(database)
  const { outputs } = await ada.until(id, 'the result', ({ status }) => status === 'succeeded')
  const [output] = outputs
  expect((await ada.download(id, output?.name ?? '')).length).toBe(output?.bytes)
  await eventually('the mail', 10_000, async () => mail.mails.length > 0)
  expect(mail.mails).toMatchObject([{ from: 'cutroom@example.org', to: ['ada@example.org'] }])
  // Containers have a read-only root file system.
  expect(await filesOf(app)).toEqual(before)
}, 60_000)

test('Prometheus scrapes addresses that export metrics', async () => {
  const text = await readFile(join(ROOT, 'deploy/prometheus.yml'), 'utf8')
  const [{ scrape_configs }] = parseYaml(text) as [{ scrape_configs: Scrape[] }]
  const targets = scrape_configs.flatMap((scrape) =>
    (scrape.static_configs ?? []).flatMap(({ targets }) => targets),
  )
  expect(targets.toSorted()).toEqual(['batch:9465', 'web:9464'])
  const headers = { Authorization: `Bearer ${compose.environment('web').METRICS_TOKEN}` }
  for (const metrics of metricsUrls) {
    expect(await (await fetch(metrics, { headers })).text()).toMatch(/^cutroom_/m)
  }
  // Not even with the token on the ports that are published, or that queue and clients use.
  for (const origin of [url, batchUrl]) {
    expect((await fetch(`${origin}/metrics`, { headers })).status).toBe(404)
  }
})

test('SIGTERM stops both within their grace period', async () => {
  expect(await Promise.all(['web', 'batch'].map(compose.stop))).toEqual([
    { code: 0, inTime: true },
    { code: 0, inTime: true },
  ])
}, 30_000)

/** host:port, with or without a scheme before it. */
const ADDRESS = /(?<=^|\/\/(?:[^/@]*@)?)[\w.-]+:\d+(?![^/]*@)/g

type Scrape = { static_configs?: { targets: string[] }[] }

async function filesOf(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true })
  // Written while the image is built; read-only in a container, which Node tolerates.
  return names.filter((name) => !name.startsWith('.compile-cache')).toSorted()
}

/** For the migration: a database without a schema. */
async function createEmptyDatabase(): Promise<TestDatabase> {
  const empty = await createTestDatabase()
  const session = await openDatabase({ url: empty.url, poolMax: 1, cloudSql: undefined }, silentLogger)
  await session.query('DROP SCHEMA public CASCADE')
  await session.query('CREATE SCHEMA public')
  await session.close()
  return empty
}

type PushService = {
  host: string
  /** Pushes every job when there is no emulator to do it. */
  pushAll(database: TestDatabase): Promise<void>
  stop(): Promise<void>
}

/** The official emulator; without it, a server that records subscriptions, and pushes every job on request. */
async function startPushService(): Promise<PushService> {
  const missing = missingForEmulator()
  if (!missing) return { ...(await startPubSubEmulator()), pushAll: async () => undefined }
  console.warn(`\n*** SKIPPED the Pub/Sub emulator in the compose test: ${missing}. ***\n`)
  const endpoints: string[] = []
  const server = createServer(async (request, reply) => {
    const { pushConfig } = (await json(request)) as { pushConfig?: { pushEndpoint: string } }
    if (pushConfig) endpoints.push(pushConfig.pushEndpoint)
    reply.end('{}')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async pushAll({ url }) {
      const session = await openDatabase({ url, poolMax: 1, cloudSql: undefined }, silentLogger)
      const jobs = await session.query<{ id: string }>('SELECT id FROM jobs')
      await session.close()
      const [endpoint = ''] = endpoints.filter((each) => each.includes('/push'))
      for (const { id } of jobs) {
        const data = encodeJobMessage({ job_id: id }).toString('base64')
        const body = JSON.stringify({ message: { data, messageId: '1' }, subscription: 'by-hand' })
        const headers = { 'content-type': 'application/json' }
        expect((await fetch(endpoint, { method: 'POST', headers, body })).status).toBe(204)
      }
    },
    async stop() {
      server.closeAllConnections()
      server.close()
    },
  }
}
