import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'

/** The command line of a process, separated by spaces; empty when it has ended. */
export async function commandLine(pid: number): Promise<string> {
  if (existsSync('/proc/self/cmdline')) {
    const args = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
    return args.split('\0').join(' ').trim()
  }
  return execFileSync('sh', ['-c', `ps -ww -o args= -p ${pid} || true`], { encoding: 'utf8' }).trim()
}
