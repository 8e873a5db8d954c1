/**
 * In the cloud every identity is a database user of its own, and tables belong to the one that migrates. After a
 * migration this lets the services' users work with them: node scripts/grant.ts <database user> …
 */
import { loadDatabaseConfig } from '#shared/config.ts'
import { openDatabase } from '#shared/database/database.ts'
import { createLogger } from '#shared/observability/logger.ts'

if (import.meta.main) await main(process.argv.slice(2))

async function main(users: string[]): Promise<void> {
  const format = process.env.LOG_FORMAT === 'json' ? 'json' : 'text'
  const log = createLogger({ level: 'info', service: 'grant', format })
  const database = await openDatabase(loadDatabaseConfig(), log)
  try {
    for (const user of users) {
      for (const statement of grants(user)) await database.query(statement)
      log.info('database user may work with the tables', { user })
    }
  } finally {
    await database.close()
  }
}

/** The statements that let a user read and write rows, and change nothing else. A second run changes nothing. */
export function grants(user: string): string[] {
  const name = `"${user.replaceAll('"', '""')}"`
  return [
    `GRANT USAGE ON SCHEMA public TO ${name}`,
    `GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ${name}`,
    `GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO ${name}`,
    // What has been migrated is the migration's to say.
    `REVOKE INSERT, UPDATE, DELETE ON _prisma_migrations FROM ${name}`,
  ]
}
