import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '#local/ports.ts'
import { eventually, processTree, type RunningProcess } from './processes.ts'

const ROOT = join(import.meta.dirname, '..', '..')
// The Node that `npm start` runs the stack with.
const NODE = join(ROOT, 'node_modules/.bin/node')

/** Web and batch with their database, as `npm start` runs them. */
export type Stack = {
  url: string
  pid: number
  /** Everything it has printed so far. */
  output(): string
  /** The process of a service, while it runs. */
  find(service: 'web' | 'batch'): Promise<RunningProcess | undefined>
  /** Sends SIGINT, as Ctrl-C does; returns the milliseconds until all processes had exited, and the exit code. */
  interrupt(): Promise<{ ms: number; code: number | null }>
  /** Kills all processes that still run. */
  kill(): Promise<void>
}

/** Starts the stack on `dataDir` and free ports; resolves when web and batch are ready. `env`: further settings. */
export async function startStack(dataDir: string, env: NodeJS.ProcessEnv = {}): Promise<Stack> {
  const [port, batchPort] = [await freePort(), await freePort()]
  const child = spawn(existsSync(NODE) ? NODE : process.execPath, ['services/local/main.ts'], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...basicEnvironment(process.env),
      DATA_DIR: dataDir,
      PORT: `${port}`,
      BATCH_PORT: `${batchPort}`,
      ...env,
    },
  })
  const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)))
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  const pid = child.pid ?? 0

  const ready = eventually('the stack is ready', 60_000, async () => {
    if (child.exitCode !== null) throw new Error(`The stack ended with ${child.exitCode}:\n${output}`)
    return output.includes('Cutroom runs at')
  })
  await ready.catch(async (error) => {
    // A running child would keep Jest from exiting.
    await killAll(child, ended)
    throw error
  })

  return {
    url: `http://127.0.0.1:${port}`,
    pid,
    output: () => output,
    async find(service) {
      const entry = join('services', service, 'main.ts')
      return (await processTree(pid)).find(({ command }) => command.includes(entry))
    },
    async interrupt() {
      const began = performance.now()
      child.kill('SIGINT')
      return { code: await ended, ms: performance.now() - began }
    },
    kill: () => killAll(child, ended),
  }
}

/** Only the basic variables, and where Node keeps compiled code: none that Jest, npm or the user's shell has set for other purposes. */
function basicEnvironment(given: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR, LANG, USER, NODE_COMPILE_CACHE } = given
  return { PATH, HOME, TMPDIR, LANG, USER, ...(NODE_COMPILE_CACHE && { NODE_COMPILE_CACHE }) }
}

async function killAll(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  for (const { pid } of await processTree(child.pid ?? 0)) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch (error) {
      // It has exited in the meantime.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  }
  await ended
}
