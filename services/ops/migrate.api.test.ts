import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import pg from 'pg'
import { createTestDatabase, type TestDatabase } from '#test/database.ts'

let database: TestDatabase
beforeEach(async () => {
  database = await createTestDatabase()
})
afterEach(() => database.drop())

async function execute(sql: string) {
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  await client.query(sql)
  await client.end()
}

/** Runs the command as an operator would, and returns its exit code and output. */
function migrate(): Promise<{ code: unknown; output: string }> {
  const env = { PATH: process.env.PATH, DATABASE_URL: database.url }
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [join(import.meta.dirname, 'migrate.ts')],
      { env, timeout: 20_000 },
      (error, stdout, stderr) => resolve({ code: error ? error.code : 0, output: stdout + stderr }),
    )
  })
}

describe('npm run migrate', () => {
  test('does nothing on a database that is up to date', async () => {
    expect(await migrate()).toEqual({ code: 0, output: expect.stringContaining('database is up to date') })
  }, 30_000)

  test('refuses the database of an earlier version in one line that says what to do, and exits', async () => {
    await execute("UPDATE _prisma_migrations SET migration_name = '20261120000000_init'")
    const { code, output } = await migrate()
    expect(code).toBe(1)
    expect(output.trim().split('\n')).toEqual([
      expect.stringMatching(
        /database was not migrated .*earlier version of Cutroom.*create an empty database/,
      ),
    ])
  }, 30_000)
})
