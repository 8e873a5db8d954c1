import { PrismaPg } from '@prisma/adapter-pg'
import pg from 'pg'
import type { Config } from '../config.ts'
import { CutroomError } from '../errors.ts'
import { PrismaClient } from '../generated/prisma/client.ts'
import type { Logger } from '../observability/logger.ts'
import { isUnreachable } from './is-unreachable.ts'

/** Runs one statement and returns its rows. With a `name` it is a prepared statement, parsed once per connection. */
export type Query = <Row>(text: string, values?: unknown[], name?: string) => Promise<Row[]>

/** Every method throws CutroomError `database.unavailable` when Postgres cannot be reached; the pool then reconnects. */
export type Database = {
  /** For plain reads and writes of accounts and uploads, on the same pool as `query`. */
  prisma: PrismaClient
  query: Query
  /** Runs `work` in one transaction: committed when it resolves, rolled back when it rejects. */
  transaction<T>(work: (query: Query) => Promise<T>): Promise<T>
  /**
   * Opens a connection outside the pool, for LISTEN or migrations. The caller ends it. `queryTimeoutMs`: after which the client
   * gives up on a statement; 0 for never.
   */
  openClient(options?: { queryTimeoutMs?: number }): Promise<pg.Client>
  close(): Promise<void>
}

/** Long enough for the first seconds of a failover, short enough that a request still gets its 503. */
const CONNECT_TIMEOUT_MS = 5_000
const STATEMENT_TIMEOUT_MS = 20_000
/** Enforced by the client: a server that stops responding cannot enforce its own statement timeout. */
const QUERY_TIMEOUT_MS = 25_000

/** Opens the database. It connects on first use, so a service can start before its database does. */
export async function openDatabase(config: Config['database'], log: Logger): Promise<Database> {
  const { options, release } = await connectionOptions(config)
  const pool = new pg.Pool({ ...options, max: config.poolMax })
  // Without a listener, a connection that breaks while idle would end the process.
  pool.on('error', (error) => log.warn('idle database connection lost', { error }))
  const prisma = withDatabaseErrors(new PrismaClient({ adapter: new PrismaPg(pool) }))

  return {
    prisma,
    query: queryOn(pool),
    transaction: (work) => transaction(pool, work),
    openClient: ({ queryTimeoutMs = QUERY_TIMEOUT_MS } = {}) =>
      openClient({ ...options, query_timeout: queryTimeoutMs }),
    async close() {
      await prisma.$disconnect()
      if (!pool.ended) await pool.end()
      release()
    },
  }
}

async function connectionOptions(config: Config['database']) {
  const common = {
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    query_timeout: QUERY_TIMEOUT_MS,
    keepAlive: true,
  }
  if (!config.cloudSql) return { options: { ...common, connectionString: config.url }, release() {} }

  const { instance, ipType, user, database } = config.cloudSql
  // Imported only where it is needed, because it takes most of a second to load.
  const { AuthTypes, Connector, IpAddressTypes } = await import('@google-cloud/cloud-sql-connector')
  const connector = new Connector()
  const socket = await connector.getOptions({
    instanceConnectionName: instance,
    ipType: IpAddressTypes[ipType],
    authType: AuthTypes.IAM,
  })
  return { options: { ...common, ...socket, user, database }, release: () => connector.close() }
}

async function openClient(options: pg.ClientConfig): Promise<pg.Client> {
  const client = new pg.Client(options)
  await client.connect().catch(rethrow)
  return client
}

function queryOn(target: pg.Pool | pg.PoolClient): Query {
  return async <Row>(text: string, values: unknown[] = [], name?: string) => {
    const { rows } = await target.query({ text, values, ...(name && { name }) }).catch(rethrow)
    return rows as Row[]
  }
}

async function transaction<T>(pool: pg.Pool, work: (query: Query) => Promise<T>): Promise<T> {
  const client = await pool.connect().catch(rethrow)
  const query = queryOn(client)
  try {
    await query('BEGIN')
    const result = await work(query)
    await query('COMMIT')
    client.release()
    return result
  } catch (error) {
    // A connection that cannot roll back is broken: it is closed instead of going back to the pool.
    await query('ROLLBACK').then(
      () => client.release(),
      () => client.release(true),
    )
    throw error
  }
}

function withDatabaseErrors(prisma: PrismaClient): PrismaClient {
  return prisma.$extends({
    query: { $allOperations: ({ args, query }) => query(args).catch(rethrow) },
  }) as unknown as PrismaClient
}

function rethrow(error: unknown): never {
  if (!isUnreachable(error)) throw error
  throw new CutroomError(
    'database.unavailable',
    'The database could not be reached; try again in a moment.',
    {
      cause: error,
      headers: { 'Retry-After': '5' },
    },
  )
}
