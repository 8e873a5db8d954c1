import { createHash, randomUUID } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CutroomError } from '../errors.ts'

/** What is needed of a database connection: one session, since the lock belongs to it. A pg Client fits. */
export type SqlSession = {
  query(sql: string, values?: unknown[]): Promise<{ rows: Record<string, unknown>[] }>
}

/** One folder of prisma/migrations. */
export type Migration = { name: string; sql: string; checksum: string }

/** A row of Prisma's own table, as far as it decides anything. */
export type MigrationRow = { name: string; checksum: string; finished: boolean; rolledBack: boolean }

// Prisma's own number, so that `prisma migrate deploy` and this never run at once.
const LOCK = 72707369

// Word for word Prisma's table: its `migrate status` and `migrate dev` go on working.
const TABLE = `CREATE TABLE IF NOT EXISTS _prisma_migrations (
  id                  VARCHAR(36) PRIMARY KEY NOT NULL,
  checksum            VARCHAR(64) NOT NULL,
  finished_at         TIMESTAMPTZ,
  migration_name      VARCHAR(255) NOT NULL,
  logs                TEXT,
  rolled_back_at      TIMESTAMPTZ,
  started_at          TIMESTAMPTZ NOT NULL DEFAULT now(),
  applied_steps_count INTEGER NOT NULL DEFAULT 0
)`

/**
 * Brings a database up to the migrations in `dir` without Prisma's engine, and records them as Prisma would.
 * Gives the names of those applied now; a second call applies none, and of two at once one waits.
 * A migration that fails leaves nothing behind: mend it and call again.
 * Throws `database.schema` when a migration fails or the database's history speaks against these files.
 */
export async function applyMigrations(session: SqlSession, dir: string): Promise<string[]> {
  const migrations = await readMigrations(dir)
  await lock(session)
  try {
    await session.query(TABLE)
    const pending = pendingMigrations(migrations, await readRows(session))
    for (const migration of pending) await apply(session, migration)
    return pending.map(({ name }) => name)
  } finally {
    await session.query('SELECT pg_advisory_unlock($1)', [LOCK])
    await session.query('RESET lock_timeout; RESET statement_timeout')
  }
}

/** The migrations still to run, in order. Throws `database.schema` when the history does not fit the files. */
export function pendingMigrations(migrations: Migration[], rows: MigrationRow[]): Migration[] {
  const standing = rows.filter((row) => !row.rolledBack)
  const failed = standing.find((row) => !row.finished)
  if (failed) {
    throw new CutroomError(
      'database.schema',
      `Migration ${failed.name} began in this database and never finished. Mend the database by hand, then ` +
        `run: prisma migrate resolve --applied ${failed.name} (or --rolled-back)`,
    )
  }
  const checksums = new Map(standing.map((row) => [row.name, row.checksum]))
  const changed = migrations.find(({ name, checksum }) => (checksums.get(name) ?? checksum) !== checksum)
  if (changed) {
    throw new CutroomError(
      'database.schema',
      `Migration ${changed.name} was changed after this database had applied it. Restore the file and put the ` +
        'change into a new migration; a database of no value may be removed and made anew.',
    )
  }
  return migrations.filter(({ name }) => !checksums.has(name))
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
  // A statement may take long here, but waiting for somebody else's lock is a fault to be told of.
  await session.query("SET lock_timeout = '60s'; SET statement_timeout = 0")
  try {
    await session.query('SELECT pg_advisory_lock($1)', [LOCK])
  } catch (cause) {
    throw new CutroomError(
      'database.schema',
      'Another migration has held the lock for a minute; see pg_locks.',
      { cause },
    )
  }
}

async function readRows(session: SqlSession): Promise<MigrationRow[]> {
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

/** One transaction: the statements and their record stand or fall together. */
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
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new CutroomError('database.schema', `Migration ${name} failed and was undone: ${why}`, { cause })
  }
}
