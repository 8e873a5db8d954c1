import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { freePort } from '#local/ports.ts'
import { startPostgres as start } from '#local/postgres.ts'
import { parsePid } from '#local/postgres-orphan.ts'
import { applyMigrations } from '#shared/database/migrations.ts'
import { eventually } from '../e2e/processes.ts'

const MIGRATIONS = join(import.meta.dirname, '../../prisma/migrations')
/** Longer than any restart takes. */
const QUERY_TIMEOUT_MS = 60_000

/** The Postgres of a run: one server that can be killed, with a database for each scenario. */
export type Postgres = {
  port: number
  /** Kills the server with SIGKILL and starts a new one on the same data; resolves when it accepts connections. */
  kill(): Promise<void>
  /** An empty, migrated database. */
  createDatabase(name: string): Promise<Database>
  stop(): Promise<void>
}

export type Database = {
  /** The connection URL through a proxy on the loopback `port`. */
  url(port: number): string
  /** Queries directly, past every proxy; waits while the server restarts. */
  query<Row>(text: string, values?: unknown[]): Promise<Row[]>
  close(): Promise<void>
}

/** Starts a server on `dataDir` with full durability: what it has confirmed survives a SIGKILL. */
export async function startPostgres(dataDir: string): Promise<Postgres> {
  const port = await freePort()
  const launch = () => start({ dataDir, port, log: () => undefined })
  let running = await launch()

  return {
    port,
    async kill() {
      const lockFile = await readFile(join(dataDir, 'cluster', 'postmaster.pid'), 'utf8')
      const pid = parsePid(lockFile)
      if (pid === undefined) throw new Error('postmaster.pid names no process.')
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
  // The server is killed on purpose: a lost idle connection must not end the harness.
  pool.on('error', () => undefined)
  return {
    url(port) {
      const url = new URL(address)
      url.port = String(port)
      return url.href
    },
    query: (text, values = []) =>
      eventually('Postgres answers the harness', QUERY_TIMEOUT_MS, () =>
        pool.query(text, values).then(
          ({ rows }) => rows,
          (error: Error & { code?: string }) => {
            if (isStatementError(error.code)) throw error
            return undefined
          },
        ),
      ),
    close: () => pool.end(),
  }
}

/** Errors of the statement itself, which a retry cannot cure: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const isStatementError = (code = '') => /^(22|23|42)/.test(code)
