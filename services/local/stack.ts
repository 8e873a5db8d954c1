import { join } from 'node:path'
import { loadDatabaseConfig } from '#shared/config.ts'
import { openDatabase } from '#shared/database/database.ts'
import { applyMigrations } from '#shared/database/migrations.ts'
import type { Logger } from '#shared/observability/logger.ts'
import type { Secrets } from './secrets.ts'

const MIGRATIONS = join(import.meta.dirname, '../../prisma/migrations')

/** Quick sweeps and short leases: one computer has little to sweep, and a dead worker shows within 10 s. */
const PACE = { SWEEP_SECONDS: '2', LEASE_SECONDS: '6', HEARTBEAT_SECONDS: '2' }

/** The services' environment: what the caller set wins over what this stack would choose. */
export function serviceEnvironment(
  given: NodeJS.ProcessEnv,
  chosen: Secrets & { DATA_DIR: string; DATABASE_URL?: string },
): NodeJS.ProcessEnv {
  const set = Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined && value !== ''),
  )
  return { ...PACE, ...chosen, ...set, DATA_DIR: chosen.DATA_DIR }
}

/**
 * Flags of Node for a service. Web passes bytes on and keeps none: a small young space, collected often, keeps it
 * small under uploads.
 */
export const nodeFlags = (service: string): string[] => (service === 'web' ? ['--max-semi-space-size=2'] : [])

/** Brings the services' database up to this version. */
export async function migrate(env: NodeJS.ProcessEnv, log: Logger): Promise<void> {
  const database = await openDatabase(loadDatabaseConfig(env), log)
  try {
    const session = await database.openClient()
    for (const migration of await applyMigrations(session, MIGRATIONS))
      log.info('migration applied', { migration })
    await session.end()
  } finally {
    await database.close()
  }
}

/** What a person reads once everything runs. */
export function readyMessage(publicUrl: string): string {
  const ada = { username: 'ada', email: 'ada@example.org', password: 'correct horse battery' }
  const body = JSON.stringify({ ...ada, password_2: ada.password })
  return [
    '',
    `  Cutroom runs at ${publicUrl}`,
    `  The calls it takes: ${publicUrl}/docs`,
    '  One to try:',
    `    curl -X POST ${publicUrl}/auth/signup -H 'Content-Type: application/json' -d '${body}'`,
    '  Ctrl-C stops it.',
    '',
  ].join('\n')
}
