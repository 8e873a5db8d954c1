import { type ChildProcess, fork, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { eventually } from '../e2e/processes.ts'

const ROOT = join(import.meta.dirname, '..', '..')

export type ServiceOptions = {
  name: string
  kind: 'web' | 'batch'
  port: number
  env: NodeJS.ProcessEnv
  /** File to which the service's output is appended. */
  logFile: string
  /** Command and arguments that run the service, such as `unshare …` for a file system of its own. */
  wrapper?: string[]
}

export type Ending = { code: number | null; signal: NodeJS.Signals | null }

export type Service = {
  name: string
  url: string
  /** Process id; 0 while the service is being restarted. */
  pid(): number
  /** Sends a signal and resolves when the process has exited; a new one is started at once. */
  kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<Ending>
  freeze(): void
  thaw(): void
  /** Resolves when the readiness check succeeds. */
  ready(): Promise<void>
  /** Stops the service without restarting it. */
  stop(): Promise<void>
}

const READY_TIMEOUT_MS = 60_000
/** Delay before a service that exited by itself is restarted. */
const RESTART_DELAY_MS = 200
/** Crashes while waiting for readiness after which waiting ends with an error. */
const MAX_CRASHES = 5

/** Runs web or batch as a process and restarts it whenever it exits, until it is stopped. */
export function runService(options: ServiceOptions): Service {
  const url = `http://127.0.0.1:${options.port}`
  let child: ChildProcess | undefined
  let ended: Promise<Ending> = Promise.resolve({ code: null, signal: null })
  let running = true
  let crashes = 0

  async function keepRunning() {
    while (running) {
      child = start(options)
      ended = endOf(child)
      const { code, signal } = await ended
      if (!running || signal !== null || code === 0) continue
      crashes += 1
      await sleep(RESTART_DELAY_MS)
    }
  }
  const over = keepRunning()
  const pid = () => (child && child.exitCode === null && child.signalCode === null ? (child.pid ?? 0) : 0)
  const send = (signal: NodeJS.Signals) => {
    if (pid() > 0) child?.kill(signal)
  }

  return {
    name: options.name,
    url,
    pid,
    kill(signal) {
      const ending = ended
      send(signal)
      return ending
    },
    freeze: () => send('SIGSTOP'),
    thaw: () => send('SIGCONT'),
    async ready() {
      const before = crashes
      await eventually(`${options.name} is ready`, READY_TIMEOUT_MS, () => {
        if (crashes - before >= MAX_CRASHES)
          throw new Error(`${options.name} keeps crashing: ${options.logFile}`)
        return answersReady(url)
      })
    },
    async stop() {
      running = false
      send('SIGKILL')
      await over
    },
  }
}

function start({ kind, env, logFile, wrapper = [] }: ServiceOptions): ChildProcess {
  const entry = join(ROOT, 'services', kind, 'main.ts')
  const log = openSync(logFile, 'a')
  try {
    return startLogged(entry, env, log, wrapper)
  } finally {
    closeSync(log)
  }
}

function startLogged(entry: string, env: NodeJS.ProcessEnv, log: number, wrapper: string[]): ChildProcess {
  // A process group of its own, so that Ctrl-C reaches only the harness; the IPC channel ends the service if the harness is killed.
  const common = {
    cwd: ROOT,
    env,
    detached: true,
    stdio: ['ignore', log, log, 'ipc'] as ['ignore', number, number, 'ipc'],
  }
  const [command, ...args] = wrapper
  return command
    ? spawn(command, [...args, process.execPath, entry], common)
    : fork(entry, [], { ...common, execArgv: [] })
}

function endOf(child: ChildProcess): Promise<Ending> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }))
    child.once('error', () => resolve({ code: 1, signal: null }))
  })
}

async function answersReady(url: string): Promise<boolean> {
  const reply = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(5_000) }).catch(
    () => undefined,
  )
  await reply?.body?.cancel()
  return reply?.status === 200
}
