import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { freePort } from './ports.ts'
import { stopOrphan } from './postgres-orphan.ts'
import { chownToServer, findBinaries, serverCommand } from './postgres-user.ts'

export type PostgresOptions = {
  /** Absolute; made when missing, and the database in it with it. One server at a time. */
  dataDir: string
  /** On 127.0.0.1; a free one when left out. */
  port?: number
  /** False gives up every promise about power cuts for speed: for databases that live for one test run. */
  durable?: boolean
  /** Hears each line of the server's own log. */
  log: (line: string) => void
}

/** A running server. `stopped` resolves when it ends, wanted or not. */
export type Postgres = { url: string; stopped: Promise<void>; stop(): Promise<void> }

const USER = 'cutroom'
const DATABASE = 'cutroom'
/** After a crash the orphans of the old server need a moment to let go of its shared memory. */
const START_ATTEMPTS = 20
const START_PAUSE_MS = 250

/**
 * Starts the Postgres that npm brought, on the data in `dataDir`. Works as root and as anyone, after a crash, and
 * when a server of an earlier run still holds the data: that one is stopped. The server ends with this process.
 * Rejects with the server's own words when it does not start.
 */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const { dataDir, log } = options
  const cluster = join(dataDir, 'cluster')
  await mkdir(dataDir, { recursive: true })
  await chownToServer(dataDir)
  if (existsSync(cluster)) await stopOrphan(cluster)
  else await initialise(dataDir, cluster, options.durable ?? true)
  const password = await readFile(join(dataDir, 'password'), 'utf8')

  for (let attempt = 1; ; attempt += 1) {
    const port = options.port ?? (await freePort())
    const server = await launch(cluster, port, options)
    if (server.ready) {
      return {
        url: addressOf(password, port),
        stopped: server.ended,
        stop: () => stop(server.child, server.ended),
      }
    }
    if (attempt === START_ATTEMPTS || !isTransient(server.said, options.port === undefined)) {
      throw new Error(`The embedded Postgres in ${dataDir} did not start:\n${server.said}`)
    }
    log(`trying again: ${server.said.trim().split('\n').at(-1)}`)
    await new Promise((resolve) => setTimeout(resolve, START_PAUSE_MS))
  }
}

/** The address of the server that runs on the data in `dataDir`, or undefined when none does. */
export async function findRunningUrl(dataDir: string): Promise<string | undefined> {
  try {
    const password = await readFile(join(dataDir, 'password'), 'utf8')
    // https://www.postgresql.org/docs/current/storage-file-layout.html: the fourth line is the port.
    const port = Number((await readFile(join(dataDir, 'cluster', 'postmaster.pid'), 'utf8')).split('\n')[3])
    return port > 0 ? addressOf(password, port) : undefined
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

const addressOf = (password: string, port: number) =>
  `postgresql://${USER}:${password}@127.0.0.1:${port}/${DATABASE}`

/** Whether a failed start may succeed a moment later. A port of our own choosing may be chosen anew. */
export function isTransient(said: string, portIsFree: boolean): boolean {
  return (
    said.includes('is still in use') ||
    said.includes('lock file "postmaster.pid" already exists') ||
    (portIsFree && said.includes('Address already in use'))
  )
}

/** Makes the cluster beside its place and moves it there whole, so that a crash in between leaves no half of one. */
async function initialise(dataDir: string, cluster: string, durable: boolean): Promise<void> {
  const half = join(dataDir, 'cluster.new')
  const passwordFile = join(dataDir, 'password')
  await rm(half, { recursive: true, force: true })
  await writeFile(passwordFile, randomBytes(24).toString('base64url'), { mode: 0o600 })
  await chownToServer(passwordFile)
  const how = ['--encoding=UTF8', '--locale-provider=builtin', '--locale=C.UTF-8', '--auth=scram-sha-256']
  const sync = durable ? [] : ['--no-sync']
  await run('initdb', [`--pgdata=${half}`, `--username=${USER}`, `--pwfile=${passwordFile}`, ...sync, ...how])
  const single = ['--single', '-D', half, ...(durable ? [] : ['-c', 'fsync=off']), 'postgres']
  await run('postgres', single, `CREATE DATABASE ${DATABASE}\n`)
  await chmod(half, 0o700)
  await rename(half, cluster)
}

/** Runs one of the server's programs to its end. */
async function run(program: 'initdb' | 'postgres', args: string[], input = ''): Promise<void> {
  const { command, args: prefix } = serverCommand(findBinaries()[program])
  const child = spawn(command, [...prefix, ...args], { stdio: ['pipe', 'pipe', 'pipe'], detached: true })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk))
  child.stdin.end(input)
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  if (code !== 0) throw new Error(`${program} ended with ${code}:\n${said}`)
}

type Launched = { child: ChildProcess; ready: boolean; said: string; ended: Promise<void> }

/** Starts the server and waits until it takes connections or ends. */
async function launch(cluster: string, port: number, options: PostgresOptions): Promise<Launched> {
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    max_connections: 100,
    ...(options.durable === false && { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
  }
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const { command, args: prefix } = serverCommand(findBinaries().postgres)
  // A process group of its own: Ctrl-C goes to the whole group of a terminal, and the database must end last.
  const child = spawn(command, [...prefix, '-D', cluster, ...flags], {
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
    env: { ...process.env, LC_MESSAGES: 'C' },
  })
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  let said = ''
  const ready = await new Promise<boolean>((resolve, reject) => {
    child.once('error', reject)
    void ended.then(() => resolve(false))
    createInterface({ input: child.stderr }).on('line', (line) => {
      options.log(line)
      said = `${said}${line}\n`.slice(-4000)
      if (line.includes('ready to accept connections')) resolve(true)
    })
  })
  return { child, ready, said, ended }
}

/** Postgres's fast shutdown: open transactions are undone, connections closed. A second call waits for the first. */
async function stop(child: ChildProcess, ended: Promise<void>): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) child.kill('SIGINT')
  const hurry = setTimeout(() => child.kill('SIGQUIT'), 2_000)
  await ended
  clearTimeout(hurry)
}
