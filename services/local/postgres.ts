import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { embeddedUrl } from '#shared/database/embedded-url.ts'
import { freePort } from './ports.ts'
import { createCluster } from './postgres-cluster.ts'
import { stopOrphan } from './postgres-orphan.ts'
import { chownToServer, findBinaries, serverCommand } from './postgres-user.ts'

export type PostgresOptions = {
  /** Absolute path of a directory for the cluster and its password, created when missing. One server at a time. */
  dataDir: string
  /** Port on 127.0.0.1; a free one by default. */
  port?: number
  /** False turns fsync off: faster, but a power cut may destroy the data. For databases that live for one test run. */
  durable?: boolean
  /** Called with each line of the server's log. */
  log: (line: string) => void
}

/** A running server. `stopped` resolves when it ends for whatever reason. */
export type Postgres = { url: string; stopped: Promise<void>; stop(): Promise<void> }

/** After a crash, the old server's children need a moment to release its shared memory. */
const START_ATTEMPTS = 20
const RETRY_DELAY_MS = 250
/** How long open transactions may delay a fast shutdown before it becomes an immediate one. */
const STOP_TIMEOUT_MS = 2_000

/**
 * Starts the embedded Postgres from npm on the data in `dataDir`. Works as root and as any other user, after a crash,
 * and while a server of an earlier run still uses the data: that server is stopped. The server ends with this process.
 * Rejects with the server's log when it does not start.
 */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const { dataDir, log } = options
  const cluster = join(dataDir, 'cluster')
  await mkdir(dataDir, { recursive: true })
  await chownToServer(dataDir)
  if (existsSync(cluster)) await stopOrphan(cluster)
  else await createCluster(dataDir, cluster, options.durable ?? true)
  const password = await readFile(join(dataDir, 'password'), 'utf8')

  for (let attempt = 1; ; attempt += 1) {
    const port = options.port ?? (await freePort())
    const server = await launch(cluster, port, options)
    if (server.ready) {
      return {
        url: embeddedUrl(password, port),
        stopped: server.ended,
        stop: () => stop(server.child, server.ended),
      }
    }
    if (attempt === START_ATTEMPTS || !isTransient(server.logTail, options.port === undefined)) {
      throw new Error(`The embedded Postgres in ${dataDir} did not start:\n${server.logTail}`)
    }
    log(`start failed, retrying: ${server.logTail.trim().split('\n').at(-1)}`)
    await sleep(RETRY_DELAY_MS)
  }
}

/** Whether a failed start may succeed on the next attempt. A port that we chose ourselves can be chosen again. */
export function isTransient(logTail: string, isOwnPort: boolean): boolean {
  return (
    logTail.includes('is still in use') ||
    logTail.includes('lock file "postmaster.pid" already exists') ||
    (isOwnPort && logTail.includes('Address already in use'))
  )
}

type LaunchedServer = { child: ChildProcess; ready: boolean; logTail: string; ended: Promise<void> }

/** Starts the server and waits until it accepts connections or ends. */
async function launch(cluster: string, port: number, options: PostgresOptions): Promise<LaunchedServer> {
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    max_connections: 100,
    ...(options.durable === false && { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
  }
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const { command, args } = serverCommand(findBinaries().postgres)
  // Its own process group: Ctrl-C reaches a terminal's whole foreground group, and the database must stop last.
  const child = spawn(command, [...args, '-D', cluster, ...flags], {
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
    env: { ...process.env, LC_MESSAGES: 'C' },
  })
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  let logTail = ''
  const ready = await new Promise<boolean>((resolve, reject) => {
    child.once('error', reject)
    void ended.then(() => resolve(false))
    createInterface({ input: child.stderr }).on('line', (line) => {
      options.log(line)
      logTail = `${logTail}${line}\n`.slice(-4000)
      if (line.includes('ready to accept connections')) resolve(true)
    })
  })
  return { child, ready, logTail, ended }
}

/**
 * Stops the server with a fast shutdown (SIGINT), which rolls back open transactions, and after a timeout with an
 * immediate one (SIGQUIT). A second call waits for the first.
 */
async function stop(child: ChildProcess, ended: Promise<void>): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) child.kill('SIGINT')
  const timer = setTimeout(() => child.kill('SIGQUIT'), STOP_TIMEOUT_MS)
  await ended
  clearTimeout(timer)
}
