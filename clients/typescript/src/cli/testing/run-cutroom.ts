import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

/** The command, to be run by Node. */
export const MAIN = join(import.meta.dirname, '../main.ts')
const ROOT = join(import.meta.dirname, '../../../../..')

/** The environment of each process: no stored key. */
export const ENVIRONMENT = {
  PATH: process.env.PATH,
  // Where nothing can be written either.
  CUTROOM_CREDENTIALS: '/proc/nonexistent/credentials.json',
  // Compiling the sources anew would take most of the time of each process.
  NODE_COMPILE_CACHE: join(ROOT, '.cutroom-test/compile-cache'),
}

export type Ended = { code: number; stdout: string; stderr: string }

/** Starts `cutroom` as a process with nothing but this environment, and no stored key. */
export function startCutroom(args: string[], env: Record<string, string>) {
  return spawn(process.execPath, [MAIN, ...args], { env: { ...ENVIRONMENT, ...env } })
}

/** Runs `cutroom` with what is piped to it. */
export async function runCutroom(args: string[], env: Record<string, string>, input = ''): Promise<Ended> {
  const child = startCutroom(args, env)
  child.stdin.end(input)
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ])
  return { code, stdout, stderr }
}
