import { join } from 'node:path'
import { loadDatabaseConfig } from '#shared/config.ts'
import { openDatabase } from '#shared/database/database.ts'
import { type MigrationOptions, migrateDatabase } from '#shared/database/migrations.ts'
import type { Logger } from '#shared/observability/logger.ts'
import type { Secrets } from './secrets.ts'

const MIGRATIONS = join(import.meta.dirname, '../../prisma/migrations')

/** Frequent sweeps and short leases: locally there is little to sweep, and a dead worker is noticed within 10 s. */
const LOCAL_DEFAULTS = { SWEEP_SECONDS: '2', LEASE_SECONDS: '6', HEARTBEAT_SECONDS: '2' }

/** The services' environment. What the caller has set takes precedence over local mode's own choices. */
export function serviceEnvironment(
  given: NodeJS.ProcessEnv,
  chosen: Secrets & { DATA_DIR: string; DATABASE_URL?: string },
): NodeJS.ProcessEnv {
  const set = Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined && value !== ''),
  )
  return { ...LOCAL_DEFAULTS, ...chosen, ...set, DATA_DIR: chosen.DATA_DIR }
}

/**
 * Node's command-line options for a service. Web only passes bytes on, so a small young generation, collected often,
 * keeps its memory small during uploads.
 */
export const nodeFlags = (service: string): string[] => (service === 'web' ? ['--max-semi-space-size=2'] : [])

/**
 * Applies the pending migrations to the services' database.
 *
 * @throws CutroomError `database.schema` or `database.unavailable`.
 */
export async function migrate(
  env: NodeJS.ProcessEnv,
  log: Logger,
  options: MigrationOptions = {},
): Promise<void> {
  const database = await openDatabase(loadDatabaseConfig(env), log)
  try {
    for (const migration of await migrateDatabase(database, MIGRATIONS, options)) {
      log.info('migration applied', { migration })
    }
  } finally {
    await database.close()
  }
}

/** What is printed once everything is running. */
export function readyMessage(publicUrl: string): string {
  const account = { username: 'ada', email: 'ada@example.org', password: 'correct horse battery' }
  const body = JSON.stringify({ ...account, password_2: account.password })
  return [
    '',
    `  Cutroom runs at ${publicUrl}`,
    `  API documentation: ${publicUrl}/docs`,
    '  Create an account:',
    `    curl -X POST ${publicUrl}/auth/signup -H 'Content-Type: application/json' -d '${body}'`,
    '  Press Ctrl-C to stop.',
    '',
  ].join('\n')
}
