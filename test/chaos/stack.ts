import { randomBytes } from 'node:crypto'
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { serviceEnvironment } from '#local/stack.ts'
import { createDiskStorage } from '#shared/storage/disk.ts'
import type { Storage } from '#shared/storage/port.ts'
import { NO_LIMITS } from '../no-limits.ts'
import type { DeliverySettings } from '../push-simulator/delivery.ts'
import { type PushSimulator, startPushSimulator } from '../push-simulator/server.ts'
import { type Client, openClient } from './client.ts'
import { type DatabaseProxy, startDatabaseProxy } from './database-proxy.ts'
import { lastingPort } from './lasting-port.ts'
import type { Database, Postgres } from './postgres.ts'
import type { Random } from './random.ts'
import { runService, type Service } from './service.ts'
import type { SourceHost } from './source-host.ts'

export type StackOptions = {
  webs?: number
  batches?: number
  /** Settings in addition to those of local mode. */
  env?: NodeJS.ProcessEnv
  /** Settings of one batch instance, by its index from 0. */
  batchEnv?: (index: number) => NodeJS.ProcessEnv
  /** Command prefix of one batch instance, by its index from 0. */
  batchWrapper?: (index: number) => string[]
  delivery?: Partial<DeliverySettings>
  /** The storage that the harness inspects; the disk storage by default. */
  storage?: Storage
}

/** A service of the stack, with the proxy between it and Postgres. */
export type Member = Service & { proxy: DatabaseProxy }

/** A running attempt, as named by its scratch directory. */
export type Attempt = { pid: number; jobId: string; attempt: number }

/** Web and batch as processes, with fault injection around them. */
export type Stack = AsyncDisposable & {
  webs: Member[]
  batches: Member[]
  simulator: PushSimulator
  postgres: Pick<Postgres, 'kill'>
  sources: SourceHost
  storage: Storage
  dir: string
  query: Database['query']
  /** A client with a user of its own that calls the web instances in turn. */
  openClient(): Promise<Client>
  attempts(): Promise<Attempt[]>
  /** Requests a sweep from a batch instance; returns its counts. */
  sweep(): Promise<Record<string, number>>
}

export type ChaosEnvironment = { postgres: Postgres; sources: SourceHost; dir: string; random: Random }

const NO_QUOTA = { ...NO_LIMITS, BCRYPT_COST: '4' }

/** Starts the requested number of web and batch instances on a database of their own; resolves when all are ready. */
export async function startStack(
  name: string,
  environment: ChaosEnvironment,
  options: StackOptions = {},
): Promise<Stack> {
  const { webs = 2, batches = 2, env = {}, batchEnv, batchWrapper, delivery = {} } = options
  const { postgres, sources, random } = environment
  await using started = new AsyncDisposableStack()
  const dir = join(environment.dir, name)
  await mkdir(dir, { recursive: true })
  const database = await postgres.createDatabase(`chaos_${name.replaceAll('-', '_')}`)
  started.defer(() => database.close())

  const secrets = {
    JWT_SECRET: secret(),
    LINKS_SECRET: secret(),
    PUSH_SECRET: secret(),
    SECRETS_KEY: randomBytes(32).toString('base64'),
  }
  const members: Member[] = []
  const simulator = await startPushSimulator({
    endpoints: () => members.filter((member) => member.name.startsWith('batch')).map(({ url }) => url),
    token: () => secrets.PUSH_SECRET,
    settings: delivery,
    random: random.branch('simulator').next,
  })
  started.defer(() => simulator.close())
  const common = { ...NO_QUOTA, SOURCE_ALLOW_HOSTS: sources.hostPort, LOG_FORMAT: 'text', ...env }

  async function add(kind: 'web' | 'batch', index: number): Promise<Member> {
    const memberName = `${kind}-${index + 1}`
    const proxy = await startDatabaseProxy(() => postgres.port)
    started.defer(() => proxy.close())
    const port = await lastingPort()
    const given = {
      PATH: process.env.PATH,
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
      [kind === 'web' ? 'PORT' : 'BATCH_PORT']: String(port),
      PUBLIC_URL: `http://127.0.0.1:${port}`,
      // The path tells the simulator which instance publishes.
      BATCH_URL: `${simulator.url}/${memberName}`,
      DATABASE_URL: database.url(proxy.port),
      DATABASE_POOL_MAX: '5',
      ...common,
      ...(kind === 'batch' && batchEnv?.(index)),
    }
    const service = runService({
      name: memberName,
      kind,
      port,
      env: serviceEnvironment(given, { ...secrets, DATA_DIR: join(dir, 'data') }),
      logFile: join(dir, `${memberName}.log`),
      wrapper: kind === 'batch' ? (batchWrapper?.(index) ?? []) : [],
    })
    started.defer(() => service.stop())
    return { ...service, proxy }
  }

  for (let index = 0; index < batches; index += 1) members.push(await add('batch', index))
  for (let index = 0; index < webs; index += 1) members.push(await add('web', index))
  await Promise.all(members.map((member) => member.ready()))

  const instancesOf = (kind: string) => members.filter((member) => member.name.startsWith(kind))
  const urls = instancesOf('web').map(({ url }) => url)
  const stop = started.move()
  return {
    webs: instancesOf('web'),
    batches: instancesOf('batch'),
    simulator,
    postgres: {
      // A scenario that was cancelled must not affect the next one.
      kill: async () => (stop.disposed ? undefined : await postgres.kill()),
    },
    sources,
    storage: options.storage ?? diskStorage(dir),
    dir,
    query: database.query,
    openClient: () => openClient(urls),
    attempts: () => attemptsIn(join(dir, 'data', 'scratch')),
    sweep: () => sweepAt(instancesOf('batch')[0]?.url ?? '', secrets.PUSH_SECRET),
    [Symbol.asyncDispose]: () => stop.disposeAsync(),
  }
}

const secret = () => randomBytes(36).toString('base64url')

const diskStorage = (dir: string) =>
  createDiskStorage({ dir: join(dir, 'data', 'files'), publicUrl: 'http://127.0.0.1', signingSecret: '' })

/** The scratch directory of an attempt is named by process, job and attempt. */
async function attemptsIn(scratchDir: string): Promise<Attempt[]> {
  const names = await readdir(scratchDir).catch(() => [])
  return names.flatMap((name) => {
    const [, pid, jobId, attempt] = /^(\d+)-([0-9a-f-]{36})-(\d+)-/.exec(name) ?? []
    return jobId === undefined ? [] : [{ pid: Number(pid), jobId, attempt: Number(attempt) }]
  })
}

async function sweepAt(url: string, token: string): Promise<Record<string, number>> {
  const reply = await fetch(`${url}/sweep`, { method: 'POST', headers: { authorization: `Bearer ${token}` } })
  if (!reply.ok) throw new Error(`POST /sweep returned ${reply.status}: ${await reply.text()}`)
  return (await reply.json()) as Record<string, number>
}
