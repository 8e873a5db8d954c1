import { type ChildProcess, fork } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { backoff } from '#shared/backoff.ts'

export type ServiceOptions = {
  name: string
  /** The file that Node runs. */
  entry: string
  env: NodeJS.ProcessEnv
  /** Node's own flags. */
  nodeArgs?: string[]
  /** Hears of every death that nobody asked for, and of the wait before the next start. */
  onDeath: (death: { name: string; how: string; restartInMs: number }) => void
  /** After SIGTERM, how long the service may take to stop before it is killed. */
  stopTimeoutMs?: number
}

/** A service that is kept running. */
export type Service = {
  name: string
  /** Deaths that nobody asked for, so far. */
  deaths(): number
  /** Ends the service and keeps it ended. A second call waits for the same end. */
  stop(): Promise<void>
}

const PATIENCE_MS = 7_000
/** Whoever lives that long did not die of its start. */
const SETTLED_MS = 10_000

/** Starts a service as a child process and again whenever it dies, sooner or later by how it went before. */
export function superviseService(options: ServiceOptions): Service {
  const stopping = new AbortController()
  let child: ChildProcess | undefined
  let deaths = 0

  async function keepRunning(): Promise<void> {
    let quickDeaths = 0
    while (!stopping.signal.aborted) {
      const began = Date.now()
      child = start(options)
      const how = await ending(child)
      if (stopping.signal.aborted) return
      deaths += 1
      quickDeaths = Date.now() - began > SETTLED_MS ? 0 : quickDeaths + 1
      const restartInMs = restartDelayMs(quickDeaths)
      options.onDeath({ name: options.name, how, restartInMs })
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
      const hurry = setTimeout(() => child?.kill('SIGKILL'), options.stopTimeoutMs ?? PATIENCE_MS)
      await ended
      clearTimeout(hurry)
    },
  }
}

/** At once after a long life; after deaths in a row, ever later up to ten seconds. */
export function restartDelayMs(quickDeaths: number): number {
  return quickDeaths === 0 ? 0 : backoff(quickDeaths, { baseMs: 250, maxMs: 10_000 })
}

function start({ entry, env, nodeArgs = [] }: ServiceOptions): ChildProcess {
  // A group of its own: Ctrl-C reaches every process of a terminal, but the order of stopping is ours. The
  // channel tells the service should this process be killed.
  return fork(entry, [], {
    env,
    execArgv: nodeArgs,
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
}

function ending(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`))
  })
}
