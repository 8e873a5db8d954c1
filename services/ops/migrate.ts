/** Brings the database of the settings up to this version: `npm run migrate`. Twice is as good as once. */
import { join } from 'node:path'
import { loadDatabaseConfig } from '#shared/config.ts'
import { openDatabase } from '#shared/database/database.ts'
import { applyMigrations } from '#shared/database/migrations.ts'
import { createLogger } from '#shared/observability/logger.ts'

const log = createLogger({
  level: 'info',
  service: 'migrate',
  format: process.env.LOG_FORMAT === 'json' ? 'json' : 'text',
})
const database = await openDatabase(loadDatabaseConfig(), log)
try {
  const session = await database.openClient()
  const applied = await applyMigrations(session, join(import.meta.dirname, '../../prisma/migrations'))
  await session.end()
  for (const migration of applied) log.info('migration applied', { migration })
  log.info('database is up to date', { applied: applied.length })
} catch (error) {
  log.error('database was not migrated', { error })
  process.exitCode = 1
} finally {
  await database.close()
}
