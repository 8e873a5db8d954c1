import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The user and the database of the embedded Postgres, which `npm start` runs when DATABASE_URL is not set. */
export const EMBEDDED_USER = 'cutroom'
export const EMBEDDED_DATABASE = 'cutroom'

/** The URL of an embedded Postgres on this port of 127.0.0.1. */
export const embeddedUrl = (password: string, port: number): string =>
  `postgresql://${EMBEDDED_USER}:${password}@127.0.0.1:${port}/${EMBEDDED_DATABASE}`

/** The URL of the embedded Postgres that is running on the data in `dir`, or undefined when none is. */
export async function findEmbeddedUrl(dir: string): Promise<string | undefined> {
  try {
    const password = await readFile(join(dir, 'password'), 'utf8')
    // The fourth line is the port: https://www.postgresql.org/docs/current/storage-file-layout.html
    const port = Number((await readFile(join(dir, 'cluster', 'postmaster.pid'), 'utf8')).split('\n')[3])
    return port > 0 ? embeddedUrl(password, port) : undefined
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
