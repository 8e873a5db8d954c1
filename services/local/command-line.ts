import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'

/** The command line of a process, words with blanks between; empty when it has ended. */
export async function commandLine(pid: number): Promise<string> {
  if (existsSync('/proc/self/cmdline')) {
    const words = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
    return words.split('\0').join(' ').trim()
  }
  return execFileSync('sh', ['-c', `ps -ww -o args= -p ${pid} || true`], { encoding: 'utf8' }).trim()
}
