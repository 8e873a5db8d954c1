import { randomBytes } from 'node:crypto'
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from '#local/ports.ts'
import { serviceEnvironment } from '#local/stack.ts'
import { createDiskStorage } from '#shared/storage/disk.ts'
import type { Storage } from '#shared/storage/port.ts'
import type { DeliverySettings } from '../push-simulator/delivery.ts'
import { type PushSimulator, startPushSimulator } from '../push-simulator/server.ts'
import { type Client, openClient } from './client.ts'
import { type DatabaseProxy, startDatabaseProxy } from './database-proxy.ts'
import type { Database, Postgres } from './postgres.ts'
import type { Random } from './random.ts'
import { runService, type Service } from './service.ts'
import type { SourceHost } from './source-host.ts'

export type StackOptions = {
  webs?: number
  batches?: number
  /** Settings beside those of a stack on one computer. */
  env?: NodeJS.ProcessEnv
  /** Settings of one batch alone, by its place from 0. */
  batchEnv?: (place: number) => NodeJS.ProcessEnv
  /** Words before the command of one batch. */
  batchWrapper?: (place: number) => string[]
  delivery?: Partial<DeliverySettings>
  /** The store that the harness looks into; the disk's when left out. */
  storage?: Storage
}

/** A service of the stack, and what stands between it and Postgres. */
export type Member = Service & { proxy: DatabaseProxy }

/** Attempts that are under way: their scratch space says whose they are. */
export type Attempt = { pid: number; jobId: string; attempt: number }

/** The product as processes, with everything around it that can go wrong. */
export type Stack = AsyncDisposable & {
  webs: Member[]
  batches: Member[]
  simulator: PushSimulator
  postgres: Pick<Postgres, 'kill'>
  sources: SourceHost
  storage: Storage
  dir: string
  query: Database['query']
  /** A user of its own, who calls the webs in turn. */
  openClient(): Promise<Client>
  attempts(): Promise<Attempt[]>
  /** Asks a batch for a sweep; gives what it set right. */
  sweep(): Promise<Record<string, number>>
}

export type World = { postgres: Postgres; sources: SourceHost; dir: string; random: Random }

const NO_QUOTA = { TASKS_MAX_UNFINISHED: '100000', TASKS_PER_SECOND: '100000', BCRYPT_COST: '4' }

/** Starts web and batch as often as asked, on a database of their own; resolves when all are ready. */
export async function startStack(name: string, world: World, options: StackOptions = {}): Promise<Stack> {
  const { webs = 2, batches = 2, env = {}, batchEnv, batchWrapper, delivery = {} } = options
  const { postgres, sources, random } = world
  await using started = new AsyncDisposableStack()
  const dir = join(world.dir, name)
  await mkdir(dir, { recursive: true })
  const database = await postgres.createDatabase(`chaos_${name.replaceAll('-', '_')}`)
  started.defer(() => database.close())

  const secrets = { JWT_SECRET: secret(), PUSH_SECRET: secret() }
  const members: Member[] = []
  const simulator = await startPushSimulator({
    endpoints: () => members.filter((member) => member.name.startsWith('batch')).map(({ url }) => url),
    token: () => secrets.PUSH_SECRET,
    settings: delivery,
    random: random.branch('simulator').next,
  })
  started.defer(() => simulator.close())
  const common = { ...NO_QUOTA, SOURCE_ALLOW_HOSTS: sources.hostPort, LOG_FORMAT: 'text', ...env }

  async function add(room: 'web' | 'batch', place: number): Promise<Member> {
    const memberName = `${room}-${place + 1}`
    const proxy = await startDatabaseProxy(() => postgres.port)
    started.defer(() => proxy.close())
    const port = await freePort()
    const given = {
      PATH: process.env.PATH,
      [room === 'web' ? 'PORT' : 'BATCH_PORT']: String(port),
      PUBLIC_URL: `http://127.0.0.1:${port}`,
      // The path tells the simulator who rings.
      BATCH_URL: `${simulator.url}/${memberName}`,
      DATABASE_URL: database.url(proxy.port),
      DATABASE_POOL_MAX: '5',
      ...common,
      ...(room === 'batch' && batchEnv?.(place)),
    }
    const service = runService({
      name: memberName,
      room,
      port,
      env: serviceEnvironment(given, { ...secrets, DATA_DIR: join(dir, 'data') }),
      logFile: join(dir, `${memberName}.log`),
      wrapper: room === 'batch' ? (batchWrapper?.(place) ?? []) : [],
    })
    started.defer(() => service.stop())
    return { ...service, proxy }
  }

  for (let place = 0; place < batches; place += 1) members.push(await add('batch', place))
  for (let place = 0; place < webs; place += 1) members.push(await add('web', place))
  await Promise.all(members.map((member) => member.ready()))

  const ofRoom = (room: string) => members.filter((member) => member.name.startsWith(room))
  const urls = ofRoom('web').map(({ url }) => url)
  const stop = started.move()
  return {
    webs: ofRoom('web'),
    batches: ofRoom('batch'),
    simulator,
    postgres: {
      // A scenario that was broken off must not reach into the next one.
      kill: async () => (stop.disposed ? undefined : await postgres.kill()),
    },
    sources,
    storage: options.storage ?? diskStorage(dir),
    dir,
    query: database.query,
    openClient: () => openClient(urls),
    attempts: () => attemptsIn(join(dir, 'data', 'scratch')),
    sweep: () => sweepAt(ofRoom('batch')[0]?.url ?? '', secrets.PUSH_SECRET),
    [Symbol.asyncDispose]: () => stop.disposeAsync(),
  }
}

const secret = () => randomBytes(36).toString('base64url')

const diskStorage = (dir: string) =>
  createDiskStorage({ dir: join(dir, 'data', 'files'), publicUrl: 'http://127.0.0.1', signingSecret: '' })

/** Batch names the scratch space of an attempt by process, job and attempt. */
async function attemptsIn(scratchDir: string): Promise<Attempt[]> {
  const names = await readdir(scratchDir).catch(() => [])
  return names.flatMap((name) => {
    const [, pid, jobId, attempt] = /^(\d+)-([0-9a-f-]{36})-(\d+)-/.exec(name) ?? []
    return jobId === undefined ? [] : [{ pid: Number(pid), jobId, attempt: Number(attempt) }]
  })
}

async function sweepAt(url: string, token: string): Promise<Record<string, number>> {
  const reply = await fetch(`${url}/sweep`, { method: 'POST', headers: { authorization: `Bearer ${token}` } })
  if (!reply.ok) throw new Error(`The sweep was answered ${reply.status}: ${await reply.text()}`)
  return (await reply.json()) as Record<string, number>
}
