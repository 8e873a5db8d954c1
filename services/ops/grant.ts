/**
 * Gives database users the privileges of the services: `npm run grant -- web=<database user> batch=<database user>`. In the
 * cloud, every service has a database user of its own and the tables belong to the one that migrates, so run this after a
 * migration. A user that is named without a role gets that of web, which includes batch's.
 */
import { grantStatements, ROLES, type Role } from '#shared/database/privileges.ts'
import { exitWithUsage, readArguments, withDatabase } from './command.ts'

const USAGE = 'npm run grant -- web=<database user> batch=<database user>'

if (import.meta.main) await main(readArguments(USAGE))

async function main(args: string[]): Promise<void> {
  if (args.length === 0) exitWithUsage(USAGE)
  const users = args.map(readUser)
  await withDatabase({ name: 'grant', level: 'info' }, async (database, log) => {
    for (const { user, role } of users) {
      await database.transaction(async (query) => {
        for (const statement of grantStatements(user, role)) await query(statement)
      })
      log.info('database user has the privileges of a service', { user, role })
    }
  })
}

/** Reads `batch=cutroom-batch@clips.iam`. */
export function readUser(argument: string): { user: string; role: Role } {
  const role = ROLES.find((name) => argument.startsWith(`${name}=`))
  return role ? { user: argument.slice(role.length + 1), role } : { user: argument, role: 'web' }
}
