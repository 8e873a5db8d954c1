import { readFileSync } from 'node:fs'

/** What the kernel counts processor time in, for user programs, on every architecture: ticks a second. */
const TICKS_PER_SECOND = 100

/** CPU seconds, user and system, of this process and of all its children that have ended. Linux only. */
export function cpuSecondsSoFar(): number {
  return cpuSecondsIn(readFileSync('/proc/self/stat', 'utf8'))
}

/** The same from the text of /proc/self/stat, described in proc(5). */
export function cpuSecondsIn(stat: string): number {
  // The second field is the program's name, in parentheses, and may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const ticks = fields.slice(11, 15).map(Number)
  return ticks.reduce((sum, each) => sum + each, 0) / TICKS_PER_SECOND
}
