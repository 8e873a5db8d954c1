import { readFile, realpath, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { commandLine } from './command-line.ts'

const POLL_MS = 50
const PATIENCE_MS = 4_000

/**
 * Makes a data directory free to start on: stops a server that an earlier run left behind, and removes a lock file
 * whose process is gone or has become someone else's. The caller knows that no other stack uses the directory.
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

/** Whether a command line is that of a Postgres on this very cluster, and not of a stranger with its old id. */
export function isServerOf(commandLine: string, cluster: string): boolean {
  return commandLine.includes('postgres') && ` ${commandLine} `.includes(` -D ${cluster} `)
}

/** Asks it to shut down fast, then at once, then ends it. */
async function end(pid: number): Promise<void> {
  const began = Date.now()
  let sent: NodeJS.Signals | undefined
  for (;;) {
    const waited = Date.now() - began
    const wanted = waited > 2 * PATIENCE_MS ? 'SIGKILL' : waited > PATIENCE_MS ? 'SIGQUIT' : 'SIGINT'
    if (wanted !== sent) signal(pid, wanted)
    sent = wanted
    // A zombie still takes signals but has no command line: nobody may be there to bury it.
    if ((await commandLine(pid)) === '') return
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    // It ended by itself in the meantime.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
