import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import pg from 'pg'
import { createTestDatabase, type TestDatabase } from '#test/database.ts'
import { applyMigrations, migrateDatabase } from './migrations.ts'

const REAL = join(import.meta.dirname, '../../../prisma/migrations')

let database: TestDatabase
let client: pg.Client
let dir: string

beforeAll(async () => {
  database = await createTestDatabase()
  client = new pg.Client({ connectionString: database.url })
  await client.connect()
  dir = await mkdtemp(join(tmpdir(), 'migrations-'))
})
afterAll(async () => {
  await client?.end()
  await database?.drop()
  if (dir) await rm(dir, { recursive: true })
})
beforeEach(async () => {
  await client.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public')
  await rm(dir, { recursive: true, force: true })
})

async function write(name: string, sql: string) {
  await mkdir(join(dir, name), { recursive: true })
  await writeFile(join(dir, name, 'migration.sql'), sql)
}
const tables = async () => {
  const { rows } = await client.query(
    "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1",
  )
  return rows.map(({ table_name }) => table_name)
}

describe('applying migrations', () => {
  test('creates the tables of this version, once', async () => {
    expect(await applyMigrations(client, REAL)).toContain('20261126000000_init')
    expect(await tables()).toEqual(expect.arrayContaining(['_prisma_migrations', 'jobs', 'tasks', 'users']))
    expect(await applyMigrations(client, REAL)).toEqual([])
  })

  test('waits for one that takes longer than any other statement may', async () => {
    await write('1_slow', 'SELECT pg_sleep(0.3)')
    const openClient = async ({ queryTimeoutMs = 100 } = {}) => {
      const session = new pg.Client({ connectionString: database.url, query_timeout: queryTimeoutMs })
      await session.connect()
      return session
    }
    expect(await migrateDatabase({ openClient }, dir)).toEqual(['1_slow'])
  })

  test('records each as Prisma would', async () => {
    await write('1_a', 'CREATE TABLE a ()')
    await applyMigrations(client, dir)
    const { rows } = await client.query('SELECT * FROM _prisma_migrations')
    expect(rows).toEqual([
      {
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        // sha256 of CREATE TABLE a ()
        checksum: 'ba7711987df3a9e6735016fe894f4400b3af5159cb4525de4f608072d6b47e72',
        finished_at: expect.any(Date),
        migration_name: '1_a',
        logs: null,
        rolled_back_at: null,
        started_at: expect.any(Date),
        applied_steps_count: 1,
      },
    ])
  })

  test('takes turns when two callers start at the same moment', async () => {
    const other = new pg.Client({ connectionString: database.url })
    await other.connect()
    try {
      const applied = await Promise.all([applyMigrations(client, REAL), applyMigrations(other, REAL)])
      expect(applied.flat()).toContain('20261126000000_init')
      expect(applied).toContainEqual([])
    } finally {
      await other.end()
    }
  })

  test('rolls back a migration that fails, keeps those before it, and succeeds once the file is fixed', async () => {
    await write('1_a', 'CREATE TABLE a ()')
    await write('2_b', 'CREATE TABLE b (); SELECT 1 / 0')
    await expect(applyMigrations(client, dir)).rejects.toMatchObject({
      code: 'database.schema',
      message: expect.stringMatching(/2_b failed and was rolled back: division by zero/),
    })
    expect(await tables()).toEqual(['_prisma_migrations', 'a'])

    await write('2_b', 'CREATE TABLE b ()')
    expect(await applyMigrations(client, dir)).toEqual(['2_b'])
  })

  test('refuses a file that was changed after it was applied', async () => {
    await write('1_a', 'CREATE TABLE a ()')
    await applyMigrations(client, dir)
    await write('1_a', 'CREATE TABLE a (id int)')
    await expect(applyMigrations(client, dir)).rejects.toMatchObject({ code: 'database.schema' })
  })

  test('refuses the database of an earlier version and changes nothing in it', async () => {
    await write('20261120000000_init', 'CREATE TABLE precious (note text); INSERT INTO precious VALUES (1)')
    await applyMigrations(client, dir)
    await expect(applyMigrations(client, REAL)).rejects.toMatchObject({
      code: 'database.schema',
      message: expect.stringMatching(/earlier version of Cutroom \(migration 20261120000000_init\)/),
    })
    expect(await tables()).toEqual(['_prisma_migrations', 'precious'])
    expect((await client.query('SELECT * FROM precious')).rows).toEqual([{ note: '1' }])
  })
})
