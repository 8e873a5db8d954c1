import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '..', '..')
const running = new Set<ChildProcess>()
let interrupted = false

/** Passes signals on to the running scripts, so that a test run ends in order. */
export function forwardSignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      interrupted = true
      for (const child of running) child.kill(signal)
    })
  }
}

export const isInterrupted = (): boolean => interrupted

export type RunOptions = {
  env?: NodeJS.ProcessEnv
  /** Output to show; errors are always shown. */
  stdout: 'inherit' | 'ignore'
  stdin?: 'inherit' | 'ignore'
  /** The root of the repository by default. */
  cwd?: string
  /** Kills the script after this time: a test that leaves something open keeps Jest running. */
  timeoutMs?: number
}

/** Runs a Node script; returns its exit code, null when it was killed. */
export async function runNode(args: string[], options: RunOptions): Promise<number | null> {
  const { env = process.env, stdout, stdin = 'ignore', cwd = ROOT, timeoutMs } = options
  const child = spawn(process.execPath, args, { cwd, stdio: [stdin, stdout, 'inherit'], env })
  running.add(child)
  const stop = () => {
    console.error(`${args[0]} was stopped after ${(timeoutMs ?? 0) / 60_000} minutes.`)
    child.kill('SIGKILL')
  }
  const timer = timeoutMs && setTimeout(stop, timeoutMs)
  const [code] = await once(child, 'exit')
  if (timer) clearTimeout(timer)
  running.delete(child)
  return code
}
