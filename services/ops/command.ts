import { parseArgs } from 'node:util'
import { loadDatabaseConfig } from '#shared/config.ts'
import { type Database, openDatabase } from '#shared/database/database.ts'
import { createLogger, type Logger } from '#shared/observability/logger.ts'
import { CLOUD_SQL_TIMEOUT_MS, waitForDatabase } from './wait-for-database.ts'

/** The command's positional arguments. Prints the usage and exits for `--help` (0) or an unknown option (2). */
export function readArguments(usage: string): string[] {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { help: { type: 'boolean', short: 'h' } },
    })
    if (!values.help) return positionals
  } catch (error) {
    exitWithUsage(usage, error instanceof Error ? error.message : String(error))
  }
  console.log(`Usage: ${usage}`)
  process.exit(0)
}

/** Reports invalid arguments and exits with 2. */
export function exitWithUsage(usage: string, problem?: string): never {
  if (problem) console.error(problem)
  console.error(`Usage: ${usage}`)
  process.exit(2)
}

export type CommandOptions = {
  /** The command's name in log lines. */
  name: string
  level: 'info' | 'warn'
  /** Where the database's settings come from; the process's environment by default. */
  env?: NodeJS.ProcessEnv
}

/** Runs a command on the database that the settings name, and closes the database afterwards. In the cloud it waits for the first connection. */
export async function withDatabase(
  { name, level, env = process.env }: CommandOptions,
  command: (database: Database, log: Logger) => Promise<void>,
): Promise<void> {
  const format = process.env.LOG_FORMAT === 'json' ? 'json' : 'text'
  const log = createLogger({ level, service: name, format })
  const config = loadDatabaseConfig(env)
  const database = await openDatabase(config, log)
  try {
    if (config.cloudSql) await waitForDatabase(database.query, log, CLOUD_SQL_TIMEOUT_MS)
    await command(database, log)
  } finally {
    await database.close()
  }
}
