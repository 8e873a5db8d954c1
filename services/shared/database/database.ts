import { PrismaPg } from '@prisma/adapter-pg'
import pg from 'pg'
import type { Config } from '../config.ts'
import { CutroomError } from '../errors.ts'
import { PrismaClient } from '../generated/prisma/client.ts'
import type { Logger } from '../observability/logger.ts'

/** Runs one statement and gives its rows. A `name` makes it a prepared statement, parsed once a connection. */
export type Query = <Row>(text: string, values?: unknown[], name?: string) => Promise<Row[]>

export type Database = {
  /** Accounts, uploads and keys: plain rows. Same pool, same errors. */
  prisma: PrismaClient
  /** Throws `database.unavailable` when Postgres cannot be reached; the pool recovers by itself. */
  query: Query
  /** All of `work` or nothing of it. */
  transaction<T>(work: (query: Query) => Promise<T>): Promise<T>
  /** A connection of its own, for LISTEN. The caller ends it. */
  openClient(): Promise<pg.Client>
  close(): Promise<void>
}

// Enough to ride out a failover's first seconds, and short enough that a request gets its 503 in time.
const connectTimeoutMs = 5_000
const statementTimeoutMs = 20_000
// A server that falls silent, rather than away, is noticed by the client alone.
const queryTimeoutMs = 25_000

/** Opens the database. Connects on first use, so that a process can start before its database does. */
export async function openDatabase(config: Config['database'], log: Logger): Promise<Database> {
  const { options, release } = await connection(config)
  const pool = new pg.Pool({ ...options, max: config.poolMax })
  // Without a listener, a connection that breaks while idle would end the process.
  pool.on('error', (error) => log.warn('idle database connection lost', { error }))
  const prisma = withClearErrors(new PrismaClient({ adapter: new PrismaPg(pool) }))

  return {
    prisma,
    query: queryOn(pool),
    transaction: (work) => transaction(pool, work),
    openClient: () => openClient(options),
    async close() {
      await prisma.$disconnect()
      if (!pool.ended) await pool.end()
      release()
    },
  }
}

async function connection(config: Config['database']) {
  const common = {
    connectionTimeoutMillis: connectTimeoutMs,
    statement_timeout: statementTimeoutMs,
    query_timeout: queryTimeoutMs,
    keepAlive: true,
  }
  if (!config.cloudSql) return { options: { ...common, connectionString: config.url }, release() {} }

  const { instance, ipType, user, database } = config.cloudSql
  // Loaded only where it is wanted: it takes most of a second.
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
    // A connection whose rollback fails is of no use to the next caller.
    await query('ROLLBACK').then(
      () => client.release(),
      () => client.release(true),
    )
    throw error
  }
}

function withClearErrors(prisma: PrismaClient): PrismaClient {
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

/** Prisma's codes for a server that is away: https://www.prisma.io/docs/orm/reference/error-reference */
const prismaCodes = new Set(['P1000', 'P1001', 'P1002', 'P1003', 'P1008', 'P1011', 'P1017', 'P2024', 'P2037'])
const socketCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'ETIMEDOUT',
  'EPIPE',
  'ENOENT',
  'EAI_AGAIN',
])

/**
 * Whether an error says that Postgres is away, starting, stopping or full, and not that a statement is wrong:
 * https://www.postgresql.org/docs/current/errcodes-appendix.html classes 08, 53 and 57P.
 */
export function isUnreachable(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  if (prismaCodes.has(code) || socketCodes.has(code)) return true
  if (serverIsAway.test(code) || serverIsAway.test(originalCode(error))) return true
  if (unreachableMessages.test(error.message)) return true
  return isUnreachable(error.cause)
}

const serverIsAway = /^(08|53|57P)/
const unreachableMessages =
  /timeout exceeded when trying to connect|Connection terminated|not queryable|Query read timeout/i

/** Postgres's own code, which Prisma wraps twice: in the error of its adapter, as the cause of that. */
function originalCode(error: object): string {
  const { meta } = error as { meta?: { driverAdapterError?: { cause?: { originalCode?: unknown } } } }
  return String(meta?.driverAdapterError?.cause?.originalCode ?? '')
}
