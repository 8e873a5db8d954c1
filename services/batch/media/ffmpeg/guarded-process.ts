import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'

/** What a media tool may take: bytes of address space (0: no bound) and its niceness. */
export type ProcessGuard = { memoryBytes: number; niceness: number }

const hasUtilLinux = ['/usr/bin/setpriv', '/usr/bin/prlimit'].every((path) => existsSync(path))

/**
 * The command that runs a tool under guard. On Linux the tool dies with us however we die (pdeathsig), and
 * cannot take more memory than allowed; the helpers exec one another, so there is one process in the end.
 * Elsewhere only the niceness is kept.
 */
export function guardedCommand(tool: string, guard: ProcessGuard): [string, ...string[]] {
  const nice = ['nice', '-n', String(guard.niceness), tool] as const
  if (!hasUtilLinux) return [...nice]
  const memory = guard.memoryBytes > 0 ? [`--as=${guard.memoryBytes}`] : []
  // Core dumps of a crashed decoder would fill the scratch space.
  return ['setpriv', '--pdeathsig', 'KILL', '--', 'prlimit', ...memory, '--core=0', ...nice]
}

/** How long a tool that was asked to end may take before it is made to. */
const GRACE_MS = 500

/**
 * Ends a detached child with all of its process group: SIGTERM, and SIGKILL after a grace. Safe to call for a
 * child that has ended.
 */
export function terminateProcessGroup(child: ChildProcess): void {
  signalGroup(child, 'SIGTERM')
  const force = setTimeout(() => signalGroup(child, 'SIGKILL'), GRACE_MS)
  child.once('exit', () => clearTimeout(force))
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals) {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  try {
    process.kill(-child.pid, signal)
  } catch (error) {
    // Between its end and our hearing of it, the group is no more.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

export type GuardedProcessResult = {
  code: number | null
  stdout: string
  stderr: string
  ended: 'itself' | 'deadline'
}

const STDOUT_MAX = 8 * 1024 ** 2
const STDERR_MAX = 64 * 1024

/**
 * Runs a tool for what it prints: stdout up to 8 MB (the rest is dropped), the last 64 kB of stderr. Rejects
 * with the signal's reason when aborted, with the system's error when the tool cannot be started.
 */
export function runGuardedProcess(
  [command, ...prefix]: [string, ...string[]],
  args: string[],
  { deadlineMs, signal }: { deadlineMs: number; signal: AbortSignal },
): Promise<GuardedProcessResult> {
  signal.throwIfAborted()
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...prefix, ...args], { detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
    let stdout = ''
    let stderr = ''
    let ended: GuardedProcessResult['ended'] = 'itself'
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (stdout.length < STDOUT_MAX) stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-STDERR_MAX)
    })
    const deadline = setTimeout(() => {
      ended = 'deadline'
      terminateProcessGroup(child)
    }, deadlineMs)
    const abort = () => terminateProcessGroup(child)
    signal.addEventListener('abort', abort)
    const settle = (act: () => void) => {
      clearTimeout(deadline)
      signal.removeEventListener('abort', abort)
      act()
    }
    child.once('error', (error) => settle(() => reject(error)))
    child.once('close', (code) =>
      settle(() => (signal.aborted ? reject(signal.reason) : resolve({ code, stdout, stderr, ended }))),
    )
  })
}
