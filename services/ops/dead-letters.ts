/**
 * Lists and redrives dead letters: jobs that used up their attempts, or whose message the queue gave up on.
 *
 *     npm run dead-letters                                      lists them, newest first
 *     npm run dead-letters -- redrive all                       runs all of them again
 *     npm run dead-letters -- redrive <job or task id> …        runs these again
 *
 * Uses DATABASE_URL or the Cloud SQL settings; otherwise the database of the stack that `npm start` runs in DATA_DIR.
 */
import { join, resolve } from 'node:path'
import { findEmbeddedUrl } from '#shared/database/embedded-url.ts'
import { type DeadLetter, listDeadLetters, redriveDeadLetters } from '#shared/tasks/dead-letters.ts'
import { exitWithUsage, readArguments, withDatabase } from './command.ts'
import { readRequest, USAGE } from './dead-letters-request.ts'

const MAX_LISTED = 100

const request = readRequest(readArguments(USAGE))
if (!request) exitWithUsage(USAGE)

await withDatabase({ name: 'dead-letters', level: 'warn', env: await environment() }, async (database) => {
  if (request.verb === 'list') print(await listDeadLetters(database, MAX_LISTED))
  else console.log(`Jobs that will run again: ${await redriveDeadLetters(database, request.ids)}`)
})

function print(letters: DeadLetter[]): void {
  if (letters.length === 0) {
    console.log('No dead letters.')
    return
  }
  console.table(letters.map(({ createdAt, ...letter }) => ({ since: createdAt.toISOString(), ...letter })))
  console.log('To run them again: npm run dead-letters -- redrive all')
}

async function environment(): Promise<NodeJS.ProcessEnv> {
  if (process.env.DATABASE_URL || process.env.CLOUD_SQL_INSTANCE) return process.env
  const dataDir = resolve(process.env.DATA_DIR || '.cutroom')
  const url = await findEmbeddedUrl(join(dataDir, 'postgres'))
  if (url) return { ...process.env, DATABASE_URL: url }
  console.error(`No database found: set DATABASE_URL, or run the stack in ${dataDir} with npm start.`)
  process.exit(1)
}
