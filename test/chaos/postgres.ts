import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { freePort } from '#local/ports.ts'
import { startPostgres as start } from '#local/postgres.ts'
import { parsePid } from '#local/postgres-orphan.ts'
import { applyMigrations } from '#shared/database/migrations.ts'
import { eventually } from '../e2e/processes.ts'

const MIGRATIONS = join(import.meta.dirname, '../../prisma/migrations')
/** Longer than any restart. */
const PATIENCE_MS = 60_000

/** The Postgres of a run: one server, which can be killed, with a database for each scenario. */
export type Postgres = {
  port: number
  /** SIGKILL to the server, and a new one on the same data at once. Resolves when that one takes connections. */
  kill(): Promise<void>
  /** An empty database with every table. */
  createDatabase(name: string): Promise<Database>
  stop(): Promise<void>
}

export type Database = {
  /** What a service connects with, when it should go through `port` of the loopback. */
  url(port: number): string
  /** The harness's own look at the rows, past every proxy; waits for a server that is away. */
  query<Row>(text: string, values?: unknown[]): Promise<Row[]>
  close(): Promise<void>
}

/** Starts a server on `dataDir`, as careful with its data as in earnest: what it has confirmed outlives it. */
export async function startPostgres(dataDir: string): Promise<Postgres> {
  const port = await freePort()
  const launch = () => start({ dataDir, port, log: () => undefined })
  let running = await launch()

  return {
    port,
    async kill() {
      const lockFile = await readFile(join(dataDir, 'cluster', 'postmaster.pid'), 'utf8')
      const pid = parsePid(lockFile)
      if (pid === undefined) throw new Error('The server left no note of its process.')
      process.kill(pid, 'SIGKILL')
      await running.stopped
      running = await launch()
    },
    async createDatabase(name) {
      const admin = openDatabase(running.url)
      await admin.query(`CREATE DATABASE ${name}`)
      await admin.close()
      const url = new URL(running.url)
      url.pathname = `/${name}`
      const client = new pg.Client({ connectionString: url.href })
      await client.connect()
      await applyMigrations(client, MIGRATIONS)
      await client.end()
      return openDatabase(url.href)
    },
    stop: () => running.stop(),
  }
}

function openDatabase(address: string): Database {
  const pool = new pg.Pool({ connectionString: address, max: 4 })
  // Its server is going to be killed: that is no reason to end here.
  pool.on('error', () => undefined)
  return {
    url(port) {
      const url = new URL(address)
      url.port = String(port)
      return url.href
    },
    query: (text, values = []) =>
      eventually('Postgres answers the harness', PATIENCE_MS, () =>
        pool.query(text, values).then(
          ({ rows }) => rows,
          (error: Error & { code?: string }) => {
            if (isMistake(error.code)) throw error
            return undefined
          },
        ),
      ),
    close: () => pool.end(),
  }
}

/** A statement that is wrong, and stays wrong: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const isMistake = (code = '') => /^(22|23|42)/.test(code)
