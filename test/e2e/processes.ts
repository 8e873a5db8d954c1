import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

/** A running process; `command` is its command line, arguments separated by spaces. */
export type RunningProcess = { pid: number; parent: number; command: string }

/** All processes of this machine except zombies. */
export async function listProcesses(): Promise<RunningProcess[]> {
  if (!existsSync('/proc/self/stat')) return listByPs()
  const pids = (await readdir('/proc')).map(Number).filter((pid) => pid > 0)
  const found = await Promise.all(pids.map(readProcess))
  return found.filter((each) => each !== undefined)
}

async function readProcess(pid: number): Promise<RunningProcess | undefined> {
  const read = (file: string) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')
  const [stat, args] = await Promise.all([read('stat'), read('cmdline')])
  // The name, in parentheses, may itself contain spaces and parentheses; state and parent follow it.
  const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  if (!state || 'ZX'.includes(state)) return undefined
  return { pid, parent: Number(parent), command: args.split('\0').join(' ').trim() }
}

async function listByPs(): Promise<RunningProcess[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-ww', '-o', 'pid=,ppid=,state=,args='])
  return stdout.split('\n').flatMap((line) => {
    const [, pid, parent, state, command] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? []
    return command === undefined || state?.startsWith('Z')
      ? []
      : [{ pid: Number(pid), parent: Number(parent), command }]
  })
}

/** A process with all its descendants. */
export async function processTree(root: number): Promise<RunningProcess[]> {
  const all = await listProcesses()
  const tree = all.filter(({ pid }) => pid === root)
  for (const { pid } of tree) tree.push(...all.filter(({ parent }) => parent === pid))
  return tree
}

/** The ffmpeg processes among the descendants of a process. */
export async function ffmpegsOf(root: number): Promise<RunningProcess[]> {
  return (await processTree(root)).filter(({ command }) => /^(\S*\/)?ffmpeg /.test(command))
}

/** Polls until the result is neither undefined nor false; rejects with `what` after `timeoutMs`. */
export async function eventually<T>(
  what: string,
  timeoutMs: number,
  poll: () => Promise<T | undefined | false>,
): Promise<T> {
  const until = performance.now() + timeoutMs
  for (;;) {
    const result = await poll()
    if (result !== undefined && result !== false) return result
    if (performance.now() > until) throw new Error(`Not within ${timeoutMs / 1000} s: ${what}`)
    await sleep(50)
  }
}
