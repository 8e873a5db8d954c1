import { readdir, readFile } from 'node:fs/promises'

const MIN_PROCESSES = 1024
/** The user may also run a desktop, or other workers. */
const GROWTH = 4

/**
 * How many processes and threads the user of this service may run before its media tools can start no more: well above what it
 * runs now, and never more than it may anyway, which only root could raise. The kernel counts them by user, not by process
 * (`RLIMIT_NPROC`), and not at all for root. 0, no limit, where they cannot be counted.
 */
export async function processLimit(): Promise<number> {
  const uid = process.getuid?.()
  if (process.platform !== 'linux' || uid === undefined) return 0
  const threads = await Promise.all((await readdir('/proc')).filter(isPid).map((pid) => threadsOf(pid, uid)))
  const ownLimit = hardLimit(await readFile('/proc/self/limits', 'utf8'))
  return Math.min(ownLimit, Math.max(MIN_PROCESSES, GROWTH * threads.reduce((sum, count) => sum + count, 0)))
}

/** The hard limit of processes in the text of /proc/self/limits; Infinity without one. */
export function hardLimit(limits: string): number {
  const hard = /^Max processes +\S+ +(\d+)/m.exec(limits)?.[1]
  return hard === undefined ? Number.POSITIVE_INFINITY : Number(hard)
}

const isPid = (name: string): boolean => /^\d+$/.test(name)

async function threadsOf(pid: string, uid: number): Promise<number> {
  // A process may end meanwhile.
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  const owner = /^Uid:\s+(\d+)/m.exec(status)?.[1]
  return Number(owner) === uid ? Number(/^Threads:\s+(\d+)/m.exec(status)?.[1] ?? 0) : 0
}
