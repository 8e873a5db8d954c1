import { readFile, realpath, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { commandLine } from './command-line.ts'

const POLL_MS = 50
/** How long each kind of shutdown may take before the next, harsher one. */
const SHUTDOWN_TIMEOUT_MS = 4_000

/**
 * Frees a cluster for a new server: stops a server that an earlier run left behind, and removes a lock file whose
 * process is gone or whose id now belongs to another program. The caller has made sure that no other stack uses the
 * cluster.
 */
export async function stopOrphan(cluster: string): Promise<void> {
  const lockFile = join(cluster, 'postmaster.pid')
  const pid = parsePid(await readFile(lockFile, 'utf8').catch(() => ''))
  if (pid === undefined) return
  const running = await commandLine(pid)
  if (isServerOf(running, cluster) || isServerOf(running, await realpath(cluster))) await end(pid)
  await rm(lockFile, { force: true })
}

/** The process id on the first line of a postmaster.pid. */
export function parsePid(lockFile: string): number | undefined {
  const pid = Number.parseInt(lockFile, 10)
  return Number.isSafeInteger(pid) && pid > 1 ? pid : undefined
}

/** Whether a command line is that of a Postgres server on this cluster, not of another program that got its old id. */
export function isServerOf(commandLine: string, cluster: string): boolean {
  return commandLine.includes('postgres') && ` ${commandLine} `.includes(` -D ${cluster} `)
}

/** Tries a fast shutdown, then an immediate one, then SIGKILL. */
async function end(pid: number): Promise<void> {
  const startedAt = Date.now()
  let sent: NodeJS.Signals | undefined
  for (;;) {
    const waited = Date.now() - startedAt
    const wanted =
      waited > 2 * SHUTDOWN_TIMEOUT_MS ? 'SIGKILL' : waited > SHUTDOWN_TIMEOUT_MS ? 'SIGQUIT' : 'SIGINT'
    if (wanted !== sent) signal(pid, wanted)
    sent = wanted
    // A zombie still accepts signals but has no command line, and its parent may never reap it.
    if ((await commandLine(pid)) === '') return
    await sleep(POLL_MS)
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    // The process has already ended.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
