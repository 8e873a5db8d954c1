import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

/** A running process; `command` is its command line, words with blanks between. */
export type Running = { pid: number; parent: number; command: string }

/** All processes of this machine but those that have ended and wait to be noticed. */
export async function listProcesses(): Promise<Running[]> {
  if (!existsSync('/proc/self/stat')) return listByPs()
  const pids = (await readdir('/proc')).map(Number).filter((pid) => pid > 0)
  const found = await Promise.all(pids.map(readProcess))
  return found.filter((each) => each !== undefined)
}

async function readProcess(pid: number): Promise<Running | undefined> {
  const read = (file: string) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')
  const [stat, words] = await Promise.all([read('stat'), read('cmdline')])
  // The name, in brackets, may hold blanks and brackets itself; state and parent come after it.
  const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  if (!state || 'ZX'.includes(state)) return undefined
  return { pid, parent: Number(parent), command: words.split('\0').join(' ').trim() }
}

async function listByPs(): Promise<Running[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-ww', '-o', 'pid=,ppid=,state=,args='])
  return stdout.split('\n').flatMap((line) => {
    const [, pid, parent, state, command] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? []
    return command === undefined || state?.startsWith('Z')
      ? []
      : [{ pid: Number(pid), parent: Number(parent), command }]
  })
}

/** A process with all that it started, and what those started. */
export async function familyOf(root: number): Promise<Running[]> {
  const all = await listProcesses()
  const family = all.filter(({ pid }) => pid === root)
  // A list that grows while it is walked is walked to its end.
  for (const { pid } of family) family.push(...all.filter(({ parent }) => parent === pid))
  return family
}

/** Those of the family that run ffmpeg. */
export async function ffmpegsOf(root: number): Promise<Running[]> {
  return (await familyOf(root)).filter(({ command }) => /^(\S*\/)?ffmpeg /.test(command))
}

/** Asks again and again until the answer is one; rejects with what was waited for after `withinMs`. */
export async function eventually<T>(
  what: string,
  withinMs: number,
  ask: () => Promise<T | undefined | false>,
): Promise<T> {
  const until = performance.now() + withinMs
  for (;;) {
    const answer = await ask()
    if (answer !== undefined && answer !== false) return answer
    if (performance.now() > until) throw new Error(`Not within ${withinMs / 1000} s: ${what}`)
    await sleep(50)
  }
}
