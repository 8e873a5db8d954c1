/**
 * For operators: `npm run dead-letters` lists the jobs that used up their attempts or whose message the queue gave
 * up; `npm run dead-letters -- redrive <job or task id> …` or `-- redrive all` sends them on their way again.
 * Reads DATABASE_URL or the Cloud SQL settings; otherwise the database of the stack that runs in DATA_DIR.
 */
import { join, resolve } from 'node:path'
import { loadDatabaseConfig } from '#shared/config.ts'
import { openDatabase } from '#shared/database/database.ts'
import { createLogger } from '#shared/observability/logger.ts'
import { listDeadLetters, redriveDeadLetters } from '#shared/tasks/dead-letters.ts'

const listed = 100
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

const [verb = 'list', ...ids] = process.argv.slice(2)
const all = ids.length === 1 && ids[0] === 'all'
if (
  !['list', 'redrive'].includes(verb) ||
  (verb === 'redrive' && !all && !(ids.length > 0 && ids.every((id) => uuid.test(id))))
) {
  console.error('Usage: npm run dead-letters [-- list | redrive all | redrive <job or task id> …]')
  process.exit(2)
}

const log = createLogger({ level: 'warn', service: 'dead-letters', format: 'text' })
const database = await openDatabase(loadDatabaseConfig(await environment()), log)
try {
  if (verb === 'list') show(await listDeadLetters(database, listed))
  else console.log(`${await redriveDeadLetters(database, all ? undefined : ids)} sent on their way again.`)
} finally {
  await database.close()
}

function show(letters: Awaited<ReturnType<typeof listDeadLetters>>) {
  if (letters.length === 0) return console.log('No dead letters.')
  console.table(letters.map(({ createdAt, ...letter }) => ({ since: createdAt.toISOString(), ...letter })))
  console.log('Send them on their way again: npm run dead-letters -- redrive all')
}

async function environment(): Promise<NodeJS.ProcessEnv> {
  if (process.env.DATABASE_URL || process.env.CLOUD_SQL_INSTANCE) return process.env
  const dataDir = resolve(process.env.DATA_DIR || '.cutroom')
  // The images have this script and not the stack for one computer.
  const { findRunningUrl } = await import('#local/postgres.ts')
  const url = await findRunningUrl(join(dataDir, 'postgres'))
  if (url) return { ...process.env, DATABASE_URL: url }
  console.error(`No database: set DATABASE_URL, or start the stack of ${dataDir} with npm start.`)
  process.exit(1)
}
