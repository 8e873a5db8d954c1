/** Applies the pending migrations to the database that the settings name: `npm run migrate`. Safe to repeat. */
import { join } from 'node:path'
import { migrateDatabase } from '#shared/database/migrations.ts'
import { CutroomError } from '#shared/errors.ts'
import { exitWithUsage, readArguments, withDatabase } from './command.ts'

const USAGE = 'npm run migrate'
const MIGRATIONS = join(import.meta.dirname, '../../prisma/migrations')

if (readArguments(USAGE).length > 0) exitWithUsage(USAGE)

await withDatabase({ name: 'migrate', level: 'info' }, async (database, log) => {
  try {
    const applied = await migrateDatabase(database, MIGRATIONS)
    for (const migration of applied) log.info('migration applied', { migration })
    log.info('database is up to date', { applied: applied.length })
  } catch (error) {
    log.error('database was not migrated', describeFailure(error))
    process.exitCode = 1
  }
})

/** A schema error says what to do, so its stack would only hide that. */
function describeFailure(error: unknown): Record<string, unknown> {
  const isSchemaError = error instanceof CutroomError && error.code === 'database.schema'
  return isSchemaError ? { reason: error.message } : { error }
}
