import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { type Sandbox, sandboxCommand } from './sandbox.ts'

/** Limits on a media tool; 0 stands for unlimited. */
export type ProcessGuard = {
  /** Bytes of memory. */
  memoryBytes: number
  niceness: number
  /** Bytes of the largest file that it may write. */
  fileBytes?: number
  /** Seconds of CPU time. */
  cpuSeconds?: number
  /** Processes and threads of the user that this one runs as, beyond which it can start no more. */
  processes?: number
  /** What it sees of the system; all that the service sees, when left out. */
  sandbox?: Sandbox | undefined
  /** With a sandbox: the directory that it can read and write. */
  dir?: string | undefined
}

/** The guard of a tool that also reads the files at these paths, beside what its sandbox shows. */
export const withFiles = (guard: ProcessGuard, paths: string[]): ProcessGuard => ({
  ...guard,
  sandbox: guard.sandbox && { ...guard.sandbox, readOnly: [...guard.sandbox.readOnly, ...paths] },
})

/** A program and the first of its arguments. */
export type GuardedCommand = [program: string, ...args: string[]]

const HAS_UTIL_LINUX = ['/usr/bin/setpriv', '/usr/bin/prlimit'].every((path) => existsSync(path))

/**
 * The command that runs a tool within its limits. On Linux the kernel kills the tool when this process dies
 * (`pdeathsig`), enforces the limits, and lets no program that it starts gain privileges; each helper execs the next,
 * so only one process remains. Elsewhere only the niceness applies.
 */
export function guardedCommand(tool: string, guard: ProcessGuard): GuardedCommand {
  const sandbox = guard.sandbox ? sandboxCommand(guard.sandbox, guard.dir) : []
  const nice = ['nice', '-n', String(guard.niceness), ...sandbox, tool] as const
  if (!HAS_UTIL_LINUX) return [...nice]
  return [
    'setpriv',
    '--no-new-privs',
    '--pdeathsig',
    'KILL',
    '--',
    'prlimit',
    ...resourceLimits(guard),
    ...nice,
  ]
}

/**
 * Address space that a tool may map beyond what it may use: ffmpeg's libraries, and 64 MB for each of its threads that glibc
 * reserves and hardly ever uses. See docs/decisions/0023-memory-is-limited-by-job.md.
 */
const RESERVED_ADDRESS_SPACE = 4 * 1024 ** 3

/** https://man7.org/linux/man-pages/man2/getrlimit.2.html */
function resourceLimits({
  memoryBytes,
  fileBytes = 0,
  cpuSeconds = 0,
  processes = 0,
}: ProcessGuard): string[] {
  const limits = [
    // Writable private memory, whether it is in use or not; and all address space, for kernels that know only that limit.
    ...(memoryBytes > 0 ? [`--data=${memoryBytes}`, `--as=${memoryBytes + RESERVED_ADDRESS_SPACE}`] : []),
    ...(fileBytes > 0 ? [`--fsize=${fileBytes}`] : []),
    ...(cpuSeconds > 0 ? [`--cpu=${cpuSeconds}`] : []),
    ...(processes > 0 ? [`--nproc=${processes}`] : []),
  ]
  // Core dumps of a crashed decoder would fill the scratch space.
  return [...limits, '--core=0']
}

/** What a media tool needs of the environment. */
const PASSED_ON = ['PATH', 'LANG', 'TMPDIR']

/**
 * The environment of a media tool. It reads files of strangers: the secrets of the service are none of its business.
 */
// biome-ignore lint/style/noProcessEnv: it is passed on; nothing is decided by it.
export const toolEnvironment = (env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(env).filter(([name]) => PASSED_ON.includes(name)))

/** Time between SIGTERM and SIGKILL. */
const KILL_DELAY_MS = 500

/**
 * Ends a detached child and its whole process group: SIGTERM, then SIGKILL after a short delay, or as soon as the child itself has
 * exited. A sandbox that is ended while it starts may leave the tool behind, which would hold its pipes until it has finished. Does
 * nothing if the child has already exited.
 */
export function terminateProcessGroup(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const group = child.pid
  signalGroup(group, 'SIGTERM')
  const kill = setTimeout(() => signalGroup(group, 'SIGKILL'), KILL_DELAY_MS)
  child.once('exit', () => {
    clearTimeout(kill)
    signalGroup(group, 'SIGKILL')
  })
}

function signalGroup(group: number, signal: NodeJS.Signals) {
  try {
    process.kill(-group, signal)
  } catch (error) {
    // Nobody is left in the group; of one that only zombies are left in, macOS says that it may not be signalled.
    const { code = '' } = error as NodeJS.ErrnoException
    if (!['ESRCH', 'EPERM'].includes(code)) throw error
  }
}

export type GuardedProcessResult = {
  /** null when a signal ended the process. */
  exitCode: number | null
  stdout: string
  stderr: string
  timedOut: boolean
}

const MAX_STDOUT_LENGTH = 8 * 1024 ** 2
const MAX_STDERR_LENGTH = 64 * 1024

/**
 * Runs a tool and returns what it prints: stdout up to about 8 MB (the rest is dropped) and the last 64 kB of
 * stderr. A tool that exceeds the deadline is terminated and reported as `timedOut`. With `onStdout`, all of stdout is
 * passed on in chunks and none of it returned; what it throws ends the tool, and is thrown.
 * @throws the signal's reason when aborted, and the system's error when the tool cannot be started.
 */
export function runGuardedProcess(
  [program, ...firstArgs]: GuardedCommand,
  args: string[],
  {
    deadlineMs,
    signal,
    onStdout,
  }: { deadlineMs: number; signal: AbortSignal; onStdout?: (text: string) => void },
): Promise<GuardedProcessResult> {
  signal.throwIfAborted()
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...firstArgs, ...args], {
      detached: true,
      env: toolEnvironment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let stdout = ''
    let stderr = ''
    let timedOut = false
    let failure: { error: unknown } | undefined
    const keep = (text: string) => {
      if (stdout.length < MAX_STDOUT_LENGTH) stdout += text
    }
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (failure) return
      try {
        ;(onStdout ?? keep)(text)
      } catch (error) {
        failure = { error }
        terminateProcessGroup(child)
      }
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-MAX_STDERR_LENGTH)
    })
    const deadline = setTimeout(() => {
      timedOut = true
      terminateProcessGroup(child)
    }, deadlineMs)
    const abort = () => terminateProcessGroup(child)
    signal.addEventListener('abort', abort)
    const settle = (action: () => void) => {
      clearTimeout(deadline)
      signal.removeEventListener('abort', abort)
      action()
    }
    child.once('error', (error) => settle(() => reject(error)))
    child.once('close', (exitCode) =>
      settle(() => {
        if (signal.aborted) reject(signal.reason)
        else if (failure) reject(failure.error)
        else resolve({ exitCode, stdout, stderr, timedOut })
      }),
    )
  })
}
