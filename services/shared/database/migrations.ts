import { createHash, randomUUID } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CutroomError } from '../errors.ts'
import type { Database } from './database.ts'

/** A single database session, since advisory locks belong to a session. A pg Client fits. */
export type SqlSession = {
  query(sql: string, values?: unknown[]): Promise<{ rows: Record<string, unknown>[] }>
}

/** One folder of prisma/migrations; `checksum` is the SHA-256 of its SQL in hex, as Prisma computes it. */
export type Migration = { name: string; sql: string; checksum: string }

/** The columns of a `_prisma_migrations` row that decide what to run. */
export type MigrationRow = { name: string; checksum: string; finished: boolean; rolledBack: boolean }

export type MigrationOptions = {
  /** Ends the error about a database of an earlier version: how to get an empty one, in the imperative. */
  startOverHint?: string
}

/** Prisma's own advisory lock, so that `prisma migrate deploy` and this code never run at the same time. */
const ADVISORY_LOCK = 72707369

// Copied verbatim from Prisma, so that `prisma migrate status` and `migrate dev` keep working.
const CREATE_HISTORY_TABLE = `CREATE TABLE IF NOT EXISTS _prisma_migrations (
  id                  VARCHAR(36) PRIMARY KEY NOT NULL,
  checksum            VARCHAR(64) NOT NULL,
  finished_at         TIMESTAMPTZ,
  migration_name      VARCHAR(255) NOT NULL,
  logs                TEXT,
  rolled_back_at      TIMESTAMPTZ,
  started_at          TIMESTAMPTZ NOT NULL DEFAULT now(),
  applied_steps_count INTEGER NOT NULL DEFAULT 0
)`

/** Runs applyMigrations in a session of its own. */
export async function migrateDatabase(
  database: Pick<Database, 'openClient'>,
  dir: string,
  options?: MigrationOptions,
): Promise<string[]> {
  // The client would give up on a migration that Postgres is still running, and so undo it.
  const session = await database.openClient({ queryTimeoutMs: 0 })
  try {
    return await applyMigrations(session, dir, options)
  } finally {
    await session.end()
  }
}

/**
 * Applies the pending migrations in `dir` without Prisma's engine and records them as Prisma would. Returns the
 * names of those applied, none on a second call. Concurrent callers take turns. A migration that fails is rolled
 * back, so it can be fixed and applied again.
 *
 * @throws CutroomError `database.schema` when a migration fails or the database's history contradicts these files.
 */
export async function applyMigrations(
  session: SqlSession,
  dir: string,
  options: MigrationOptions = {},
): Promise<string[]> {
  const migrations = await readMigrations(dir)
  await lock(session)
  try {
    await session.query(CREATE_HISTORY_TABLE)
    const pending = pendingMigrations(migrations, await readHistory(session), options)
    for (const migration of pending) await apply(session, migration)
    return pending.map(({ name }) => name)
  } finally {
    await session.query('SELECT pg_advisory_unlock($1)', [ADVISORY_LOCK])
    await session.query('RESET lock_timeout; RESET statement_timeout')
  }
}

/**
 * The migrations still to run, in order. Migrations that only a newer version knows are tolerated, because old and
 * new code run side by side during a deployment.
 *
 * @throws CutroomError `database.schema` when the history contradicts these files.
 */
export function pendingMigrations(
  migrations: Migration[],
  history: MigrationRow[],
  { startOverHint = 'create an empty database and use that one' }: MigrationOptions = {},
): Migration[] {
  const rows = history.filter((row) => !row.rolledBack)
  const failed = rows.find((row) => !row.finished)
  if (failed) {
    throw schemaError(
      `Migration ${failed.name} started in this database but never finished. Repair the database by hand, then ` +
        `run: prisma migrate resolve --applied ${failed.name} (or --rolled-back)`,
    )
  }
  const checksums = new Map(rows.map((row) => [row.name, row.checksum]))
  const changed = migrations.find(({ name, checksum }) => (checksums.get(name) ?? checksum) !== checksum)
  if (changed) {
    throw schemaError(
      `Migration ${changed.name} was changed after this database had applied it. Restore the file and put the ` +
        'change into a new migration.',
    )
  }
  const predecessor = findPredecessor(migrations, rows)
  if (predecessor) {
    throw schemaError(
      `This database belongs to an earlier version of Cutroom (migration ${predecessor}) that cannot be upgraded. ` +
        `Nothing was changed; to start over with this version, ${startOverHint}.`,
    )
  }
  return migrations.filter(({ name }) => !checksums.has(name))
}

/**
 * An applied migration that is older than the first one of this version, which is itself not applied: this
 * version's initial migration replaced that history and would create the same tables again.
 */
function findPredecessor([first]: Migration[], rows: MigrationRow[]): string | undefined {
  if (!first || rows.some(({ name }) => name === first.name)) return undefined
  return rows.find(({ name }) => name < first.name)?.name
}

async function readMigrations(dir: string): Promise<Migration[]> {
  const folders = (await readdir(dir, { withFileTypes: true })).filter((entry) => entry.isDirectory())
  const names = folders.map(({ name }) => name).sort()
  return Promise.all(
    names.map(async (name) => {
      const sql = await readFile(join(dir, name, 'migration.sql'), 'utf8')
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') }
    }),
  )
}

async function lock(session: SqlSession): Promise<void> {
  // A migration's statements may take long; waiting for another session's lock is an error to report.
  await session.query("SET lock_timeout = '60s'; SET statement_timeout = 0")
  try {
    await session.query('SELECT pg_advisory_lock($1)', [ADVISORY_LOCK])
  } catch (cause) {
    throw schemaError(
      'Another migration has held the lock for a minute. Wait for it to end, or look up its session in pg_locks.',
      cause,
    )
  }
}

async function readHistory(session: SqlSession): Promise<MigrationRow[]> {
  const { rows } = await session.query(
    `SELECT migration_name, checksum, finished_at IS NOT NULL AS finished, rolled_back_at IS NOT NULL AS rolled_back
       FROM _prisma_migrations ORDER BY started_at`,
  )
  return rows.map((row) => ({
    name: String(row.migration_name),
    checksum: String(row.checksum),
    finished: row.finished === true,
    rolledBack: row.rolled_back === true,
  }))
}

/** Runs a migration and records it in one transaction. */
async function apply(session: SqlSession, { name, sql, checksum }: Migration): Promise<void> {
  await session.query('BEGIN')
  try {
    await session.query(sql)
    await session.query(
      `INSERT INTO _prisma_migrations
         (id, checksum, migration_name, logs, started_at, finished_at, applied_steps_count)
       VALUES ($1, $2, $3, NULL, now(), clock_timestamp(), 1)`,
      [randomUUID(), checksum, name],
    )
    await session.query('COMMIT')
  } catch (cause) {
    await session.query('ROLLBACK')
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw schemaError(`Migration ${name} failed and was rolled back: ${reason}`, cause)
  }
}

const schemaError = (message: string, cause?: unknown) =>
  new CutroomError('database.schema', message, { cause })
