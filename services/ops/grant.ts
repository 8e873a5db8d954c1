/**
 * Lets database users read and write rows: `node services/ops/grant.ts <database user> …`. In the cloud, every
 * service has a database user of its own and the tables belong to the one that migrates, so run this after a migration.
 */
import { exitWithUsage, readArguments, withDatabase } from './command.ts'

const USAGE = 'node services/ops/grant.ts <database user> …'

if (import.meta.main) await main(readArguments(USAGE))

async function main(users: string[]): Promise<void> {
  if (users.length === 0) exitWithUsage(USAGE)
  await withDatabase({ name: 'grant', level: 'info' }, async (database, log) => {
    for (const user of users) {
      for (const statement of grantStatements(user)) await database.query(statement)
      log.info('database user can read and write rows', { user })
    }
  })
}

/** The statements that let a user read and write rows and nothing else. They can be repeated. */
export function grantStatements(user: string): string[] {
  const name = `"${user.replaceAll('"', '""')}"`
  return [
    `GRANT USAGE ON SCHEMA public TO ${name}`,
    `GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ${name}`,
    `GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO ${name}`,
    // Only the user that migrates records migrations.
    `REVOKE INSERT, UPDATE, DELETE ON _prisma_migrations FROM ${name}`,
  ]
}
