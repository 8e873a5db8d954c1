import { readdir, readFile } from 'node:fs/promises'

const MIN_PROCESSES = 1024
/** The user may also run a desktop, or other workers. */
const GROWTH = 4

/**
 * How many processes and threads the user of this service may run before its media tools can start no more: well above what it
 * runs now. The kernel counts them by user, not by process (`RLIMIT_NPROC`), and not at all for root. 0, no limit, where they cannot
 * be counted.
 */
export async function processLimit(): Promise<number> {
  const uid = process.getuid?.()
  if (process.platform !== 'linux' || uid === undefined) return 0
  const threads = await Promise.all((await readdir('/proc')).filter(isPid).map((pid) => threadsOf(pid, uid)))
  return Math.max(MIN_PROCESSES, GROWTH * threads.reduce((sum, count) => sum + count, 0))
}

const isPid = (name: string): boolean => /^\d+$/.test(name)

async function threadsOf(pid: string, uid: number): Promise<number> {
  // A process may end meanwhile.
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  const owner = /^Uid:\s+(\d+)/m.exec(status)?.[1]
  return Number(owner) === uid ? Number(/^Threads:\s+(\d+)/m.exec(status)?.[1] ?? 0) : 0
}
