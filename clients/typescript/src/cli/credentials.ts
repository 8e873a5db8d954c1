import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'

/** What `cutroom login` keeps: the address of the service and an API key of it. */
export type Credentials = { url: string; apiKey: string }

type Environment = Record<string, string | undefined>

/** `CUTROOM_CREDENTIALS`, or `cutroom/credentials.json` in the user's configuration directory. */
export function credentialsPath(env: Environment): string {
  const directory = env.XDG_CONFIG_HOME || join(homedir(), '.config')
  return env.CUTROOM_CREDENTIALS || join(directory, 'cutroom', 'credentials.json')
}

/** Undefined when there are none. */
export async function readCredentials(path: string): Promise<Credentials | undefined> {
  try {
    const value = JSON.parse(await readFile(path, 'utf8'))
    return typeof value?.url === 'string' && typeof value?.apiKey === 'string' ? value : undefined
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || error instanceof SyntaxError) return undefined
    throw error
  }
}

/** Written so that nobody else can read the file at any moment, and that it is never half written. */
export async function writeCredentials(path: string, credentials: Credentials): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const partial = `${path}.${process.pid}.part`
  await writeFile(partial, `${JSON.stringify(credentials, null, 2)}\n`, { mode: 0o600 })
  await chmod(partial, 0o600)
  await rename(partial, path)
}

export const removeCredentials = (path: string) => rm(path, { force: true })
