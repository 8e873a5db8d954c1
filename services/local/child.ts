import { type ChildProcess, fork } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { backoff } from '#shared/backoff.ts'

export type ServiceOptions = {
  name: string
  /** The script that Node runs. */
  entry: string
  env: NodeJS.ProcessEnv
  /** Command-line options for Node itself. */
  nodeArgs?: string[]
  /** Called when the service ends without being stopped, with the delay before its restart. */
  onDeath: (death: { name: string; reason: string; restartInMs: number }) => void
  /** How long the service may take to stop after SIGTERM before it gets SIGKILL. */
  stopTimeoutMs?: number
}

/** A supervised service. */
export type Service = {
  name: string
  /** How often the service has ended without being stopped. */
  deaths(): number
  /** Stops the service for good. Further calls wait for the same stop. */
  stop(): Promise<void>
}

const STOP_TIMEOUT_MS = 7_000
/** A service that ran this long did not fail to start. */
const STABLE_AFTER_MS = 10_000
const RESTART_BACKOFF = { baseMs: 250, maxMs: 10_000 }

/** Runs a service as a child process and restarts it whenever it ends, with a growing delay if it fails to start. */
export function superviseService(options: ServiceOptions): Service {
  const stopping = new AbortController()
  let child: ChildProcess | undefined
  let deaths = 0

  async function keepRunning(): Promise<void> {
    let quickDeaths = 0
    while (!stopping.signal.aborted) {
      const startedAt = Date.now()
      child = start(options)
      const reason = await exitReason(child)
      if (stopping.signal.aborted) return
      deaths += 1
      quickDeaths = Date.now() - startedAt > STABLE_AFTER_MS ? 0 : quickDeaths + 1
      const restartInMs = restartDelayMs(quickDeaths)
      options.onDeath({ name: options.name, reason, restartInMs })
      await sleep(restartInMs, undefined, { signal: stopping.signal }).catch(() => undefined)
    }
  }
  const ended = keepRunning()

  return {
    name: options.name,
    deaths: () => deaths,
    async stop() {
      stopping.abort()
      child?.kill('SIGTERM')
      const timer = setTimeout(() => child?.kill('SIGKILL'), options.stopTimeoutMs ?? STOP_TIMEOUT_MS)
      await ended
      clearTimeout(timer)
    },
  }
}

/** No delay after a stable run; otherwise a growing one, up to ten seconds, with each quick death in a row. */
export function restartDelayMs(quickDeaths: number): number {
  return quickDeaths === 0 ? 0 : backoff(quickDeaths, RESTART_BACKOFF)
}

function start({ entry, env, nodeArgs = [] }: ServiceOptions): ChildProcess {
  // Its own process group: Ctrl-C reaches a terminal's whole foreground group, but we decide the order of stopping. The
  // IPC channel closes if this process is killed, which tells the service to stop.
  return fork(entry, [], {
    env,
    execArgv: nodeArgs,
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
}

function exitReason(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`))
  })
}
