import { type ChildProcess, fork, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { eventually } from '../e2e/processes.ts'

const ROOT = join(import.meta.dirname, '..', '..')

export type ServiceOptions = {
  name: string
  room: 'web' | 'batch'
  port: number
  env: NodeJS.ProcessEnv
  /** Takes what the service prints. */
  logFile: string
  /** Words before the command, such as those that give it a file system of its own. */
  wrapper?: string[]
}

export type Ending = { code: number | null; signal: NodeJS.Signals | null }

export type Service = {
  name: string
  url: string
  /** Of the process that runs now; 0 between two. */
  pid(): number
  /** Sends a signal and resolves when the process has ended; another one is started at once. */
  kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<Ending>
  freeze(): void
  thaw(): void
  /** Resolves when the service answers that it is ready. */
  ready(): Promise<void>
  /** Ends it for good. */
  stop(): Promise<void>
}

const READY_WITHIN_MS = 60_000
/** A service that ends by itself, again and again, is not started at full speed. */
const PAUSE_MS = 200
/** Ends by itself while it is waited for after which waiting is pointless. */
const HOPELESS = 5

/** Runs web or batch as a process, and again whenever it ends, until it is stopped. */
export function runService(options: ServiceOptions): Service {
  const url = `http://127.0.0.1:${options.port}`
  let child: ChildProcess | undefined
  let ended: Promise<Ending> = Promise.resolve({ code: null, signal: null })
  let wanted = true
  let ownEnds = 0

  async function keepRunning() {
    while (wanted) {
      child = start(options)
      ended = endOf(child)
      const { code, signal } = await ended
      if (!wanted || signal !== null || code === 0) continue
      ownEnds += 1
      await sleep(PAUSE_MS)
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
      const before = ownEnds
      await eventually(`${options.name} is ready`, READY_WITHIN_MS, () => {
        if (ownEnds - before >= HOPELESS) throw new Error(`${options.name} keeps ending: ${options.logFile}`)
        return answersReady(url)
      })
    },
    async stop() {
      wanted = false
      send('SIGKILL')
      await over
    },
  }
}

function start({ room, env, logFile, wrapper = [] }: ServiceOptions): ChildProcess {
  const entry = join(ROOT, 'services', room, 'main.ts')
  const log = openSync(logFile, 'a')
  try {
    return startLogged(entry, env, log, wrapper)
  } finally {
    closeSync(log)
  }
}

function startLogged(entry: string, env: NodeJS.ProcessEnv, log: number, wrapper: string[]): ChildProcess {
  // A group of its own, so that Ctrl-C is ours to handle; the channel ends it should this process be killed.
  const common = {
    cwd: ROOT,
    env,
    detached: true,
    stdio: ['ignore', log, log, 'ipc'] as ['ignore', number, number, 'ipc'],
  }
  const [command, ...words] = wrapper
  return command
    ? spawn(command, [...words, process.execPath, entry], common)
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
