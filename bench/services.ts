import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { get } from 'node:http'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePort } from '#local/ports.ts'
import { startPostgres } from '#local/postgres.ts'
import { loadSecrets } from '#local/secrets.ts'
import { migrate, nodeFlags, serviceEnvironment } from '#local/stack.ts'
import { silentLogger } from '#shared/observability/logger.ts'
import { NO_LIMITS } from '#test/no-limits.ts'

export const ROOT = join(import.meta.dirname, '..')

/** A migrated database, and the environment variables with which a service uses it. */
export type ServiceEnvironment = AsyncDisposable & { databaseUrl: string; env: NodeJS.ProcessEnv }

/** Starts Postgres in `dataDir` and migrates it. */
export async function openServiceEnvironment(dataDir: string): Promise<ServiceEnvironment> {
  const postgres = await startPostgres({ dataDir: join(dataDir, 'postgres'), log: () => undefined })
  const { PATH, HOME, TMPDIR, LANG } = process.env
  const env = serviceEnvironment(
    { PATH, HOME, TMPDIR, LANG, LOG_FORMAT: 'json', ...NO_LIMITS },
    { ...(await loadSecrets(dataDir)), DATA_DIR: dataDir, DATABASE_URL: postgres.url },
  )
  await migrate(env, silentLogger)
  return { databaseUrl: postgres.url, env, [Symbol.asyncDispose]: () => postgres.stop() }
}

/**
 * A running service. `readyS` is the seconds from its start to its first 200, `readyCpuMs` the CPU time it used for that.
 */
export type Served = { url: string; pid: number; readyS: number; readyCpuMs: number; stop(): Promise<void> }

/** Starts a service with the product's Node flags on a free port; resolves once `path` returns 200. */
export async function serve(entry: string, env: NodeJS.ProcessEnv, path = '/health/ready'): Promise<Served> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const own = { ...env, PORT: `${port}`, BATCH_PORT: `${port}`, PUBLIC_URL: url }
  const began = performance.now()
  const service = entry.includes('services/web/') ? 'web' : 'batch'
  const child = spawn(process.execPath, [...nodeFlags(service), entry], {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: own,
  })
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  while (!(await isReady(`${url}${path}`))) {
    if (child.exitCode !== null)
      throw new Error(`${entry} exited with ${child.exitCode} before it was ready.`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  const readyS = (performance.now() - began) / 1000
  const pid = child.pid ?? 0
  const readyCpuMs = await cpuMsOf(pid)
  return { url, pid, readyS, readyCpuMs, stop: () => stop(child, ended) }
}

// Not fetch: polling must cost nothing compared with what is measured.
const isReady = (url: string) =>
  new Promise<boolean>((resolve) => {
    get(url, { agent: false }, (reply) => {
      reply.resume()
      resolve(reply.statusCode === 200)
    }).on('error', () => resolve(false))
  })

async function stop(child: ChildProcess, ended: Promise<void>): Promise<void> {
  child.kill('SIGTERM')
  await ended
}

/** Runs a script with this Node; rejects when it fails. */
export async function run(file: string, args: string[], env: NodeJS.ProcessEnv, cwd: string): Promise<void> {
  await promisify(execFile)(process.execPath, [file, ...args], { cwd, env })
}

/** CPU milliseconds that a process has used; NaN where there is no /proc. */
export async function cpuMsOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  // Fields 14 and 15, in clock ticks of 10 ms; the name in parentheses before them may contain spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10
}
