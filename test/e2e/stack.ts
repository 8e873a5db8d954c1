import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '#local/ports.ts'
import { eventually, familyOf, type Running } from './processes.ts'

const ROOT = join(import.meta.dirname, '..', '..')
// The Node that `npm start` runs the stack with.
const NODE = join(ROOT, 'node_modules/.bin/node')

/** Web and batch with their database, as `npm start` runs them. */
export type Stack = {
  url: string
  pid: number
  /** Everything it has printed so far. */
  said(): string
  /** The process of a service, while it runs. */
  find(service: 'web' | 'batch'): Promise<Running | undefined>
  /** Sends SIGINT, as Ctrl-C does; gives the milliseconds until all had ended, and the exit code. */
  interrupt(): Promise<{ ms: number; code: number | null }>
  /** Ends at once whatever still runs. */
  kill(): Promise<void>
}

/** Starts the stack on `dataDir` and free ports; resolves when web and batch are ready. `env`: more settings. */
export async function startStack(dataDir: string, env: NodeJS.ProcessEnv = {}): Promise<Stack> {
  const [port, batchPort] = [await freePort(), await freePort()]
  const child = spawn(existsSync(NODE) ? NODE : process.execPath, ['services/local/main.ts'], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...bare(process.env), DATA_DIR: dataDir, PORT: `${port}`, BATCH_PORT: `${batchPort}`, ...env },
  })
  const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)))
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk))
  const pid = child.pid ?? 0

  const ready = eventually('the stack is ready', 60_000, async () => {
    if (child.exitCode !== null) throw new Error(`The stack ended with ${child.exitCode}:\n${said}`)
    return said.includes('Cutroom runs at')
  })
  await ready.catch(async (error) => {
    // A child that goes on would keep Jest from ending.
    await killAll(child, ended)
    throw error
  })

  return {
    url: `http://127.0.0.1:${port}`,
    pid,
    said: () => said,
    async find(service) {
      const entry = join('services', service, 'main.ts')
      return (await familyOf(pid)).find(({ command }) => command.includes(entry))
    },
    async interrupt() {
      const began = performance.now()
      child.kill('SIGINT')
      return { code: await ended, ms: performance.now() - began }
    },
    kill: () => killAll(child, ended),
  }
}

/** Without what Jest, npm or a person's shell may have set for other purposes. */
function bare({ PATH, HOME, TMPDIR, LANG, USER }: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { PATH, HOME, TMPDIR, LANG, USER }
}

async function killAll(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  for (const { pid } of await familyOf(child.pid ?? 0)) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch (error) {
      // Gone in between, which is what was wanted.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  }
  await ended
}
