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
const SOUND = '-f lavfi -i sine=frequency=440:duration=2 -c:a aac'

/** Inside the repository, so that what is compiled finds node_modules, as it does in the images. */
const app = join(ROOT, '.cutroom-test', `compose-${process.pid}`)
let home: string
let database: TestDatabase
let doorbell: Doorbell
let storage: FakeGcs
let mail: MailServer
let compose: Compose
let url: string
let batchUrl: string

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'cutroom-compose-'))
  await mkdir(join(home, 'scratch'))
  ;[database, doorbell, storage, mail] = await Promise.all([
    createEmptyDatabase(),
    startDoorbell(),
    startFakeGcs({ buckets: [] }),
    startMailServer(),
    build(ROOT, join(app, 'dist')),
  ])
  const [port, batchPort] = [`${await freePort()}`, `${await freePort()}`]
  url = `http://127.0.0.1:${port}`
  batchUrl = `http://127.0.0.1:${batchPort}`
  compose = await openCompose({
    'postgresql://cutroom:cutroom@postgres:5432/cutroom': database.url,
    'pubsub:8085': doorbell.host,
    'http://storage.localhost:4443': storage.url,
    'smtp://mailpit:1025': mail.url,
    'http://batch:8081': batchUrl,
    '0.0.0.0': '127.0.0.1',
    '8080': port,
    '8081': batchPort,
    '/app': app,
    '/prepare/': join(ROOT, 'deploy/compose/'),
    '/scratch': join(home, 'scratch'),
    '/tmp': home,
  })
}, 60_000)

afterAll(async () => {
  compose?.kill()
  await Promise.all([doorbell?.stop(), storage?.close(), mail?.close()])
  await database?.drop()
  await Promise.all([home, app].map((folder) => rm(folder, { recursive: true, force: true })))
})

test('nothing that ours are told leads to another machine', () => {
  for (const name of ['prepare', 'migrate', 'web', 'batch']) {
    const addresses = Object.values(compose.environment(name)).flatMap((value) => value.match(ADDRESS) ?? [])
    expect(addresses.filter((address) => !/^(127\.0\.0\.1|localhost):/.test(address))).toEqual([])
  }
})

test('everything starts in its order and becomes healthy, by compose and by the images alone', async () => {
  await compose.up('web')
  await compose.up('batch')
  await Promise.all([compose.healthy('web'), compose.healthy('batch')])
  expect(compose.said('migrate')).toContain('database is up to date')
  expect(compose.said('prepare')).toContain('are there')
  expect(await Promise.all(['web', 'batch'].map(compose.checkImage))).toEqual([0, 0])
}, 60_000)

test('an upload goes past web, its job through Pub/Sub, and sound and mail come back', async () => {
  const before = await filesOf(app)
  const clip = join(home, 'clip.m4a')
  await promisify(execFile)('ffmpeg', ['-nostdin', '-v', 'error', ...SOUND.split(' '), clip])
  const ada = await openAccount(url)
  const { id } = await ada.create({
    upload_id: await ada.upload(clip),
    preset: 'mp3',
    notify: { email: true },
  })
  await doorbell.carry(database)
  const { outputs } = await ada.until(id, 'the sound', ({ status }) => status === 'succeeded')
  const [made] = outputs
  expect((await ada.download(id, made?.name ?? '')).length).toBe(made?.bytes)
  await eventually('the mail', 10_000, async () => mail.mails.length > 0)
  expect(mail.mails).toMatchObject([{ from: 'cutroom@example.org', to: ['ada@example.org'] }])
  // The root of the containers is read-only.
  expect(await filesOf(app)).toEqual(before)
}, 60_000)

test('Prometheus finds figures where it looks for them', async () => {
  const text = await readFile(join(ROOT, 'deploy/prometheus.yml'), 'utf8')
  const [{ scrape_configs }] = parseYaml(text) as [{ scrape_configs: Scrape[] }]
  const targets = scrape_configs.flatMap((scrape) => scrape.static_configs.flatMap(({ targets }) => targets))
  expect(targets.toSorted()).toEqual(['batch:8081', 'web:8080'])
  for (const origin of [url, batchUrl]) {
    expect(await (await fetch(`${origin}/metrics`)).text()).toMatch(/^cutroom_/m)
  }
})

test('SIGTERM ends both within the grace they have', async () => {
  expect(await Promise.all(['web', 'batch'].map(compose.stop))).toEqual([
    { code: 0, inTime: true },
    { code: 0, inTime: true },
  ])
}, 30_000)

/** host:port, with or without a scheme before it. */
const ADDRESS = /(?<=^|\/\/(?:[^/@]*@)?)[\w.-]+:\d+(?![^/]*@)/g

type Scrape = { static_configs: { targets: string[] }[] }

async function filesOf(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true })
  // Made while the image is built; a running container may not add to it, and does not mind.
  return names.filter((name) => !name.startsWith('.compile-cache')).toSorted()
}

/** The migration is to find nothing. */
async function createEmptyDatabase(): Promise<TestDatabase> {
  const made = await createTestDatabase()
  const session = await openDatabase({ url: made.url, poolMax: 1, cloudSql: undefined }, silentLogger)
  await session.query('DROP SCHEMA public CASCADE')
  await session.query('CREATE SCHEMA public')
  await session.close()
  return made
}

type Doorbell = {
  host: string
  /** Pushes by hand where there is no emulator to do it. */
  carry(database: TestDatabase): Promise<void>
  stop(): Promise<void>
}

/** The official emulator; without it, something that notes the subscriptions and pushes what waits when told to. */
async function startDoorbell(): Promise<Doorbell> {
  const missing = missingForEmulator()
  if (!missing) return { ...(await startPubSubEmulator()), carry: async () => undefined }
  console.warn(`\n*** Compose is tested without the Pub/Sub emulator: ${missing}. ***\n`)
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
    async carry({ url }) {
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
