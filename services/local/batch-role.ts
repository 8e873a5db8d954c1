import { randomBytes } from 'node:crypto'
import { loadDatabaseConfig } from '#shared/config.ts'
import { openDatabase } from '#shared/database/database.ts'
import { grantStatements } from '#shared/database/privileges.ts'
import type { Logger } from '#shared/observability/logger.ts'

const ROLE = 'cutroom_batch'

/**
 * Gives the embedded database, which `url` opens as its owner, a role for batch with batch's privileges, and returns the URL
 * with which batch opens it. The password is a new one at each start.
 */
export async function prepareBatchRole(url: string, log: Logger): Promise<string> {
  const database = await openDatabase(loadDatabaseConfig({ DATABASE_URL: url, DATABASE_POOL_MAX: '1' }), log)
  const password = randomBytes(24).toString('hex')
  try {
    await database.transaction(async (query) => {
      const [known] = await query('SELECT FROM pg_roles WHERE rolname = $1', [ROLE])
      // Statements about roles take no parameters; a hexadecimal password needs no quoting.
      await query(`${known ? 'ALTER' : 'CREATE'} ROLE ${ROLE} LOGIN PASSWORD '${password}'`)
      for (const statement of grantStatements(ROLE, 'batch')) await query(statement)
    })
  } finally {
    await database.close()
  }
  const own = new URL(url)
  own.username = ROLE
  own.password = password
  return own.href
}
