import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import pg from 'pg'
import { createTestDatabase, type TestDatabase } from '#test/database.ts'
import { usernameKey } from './username-key.ts'

const MIGRATION = join(
  import.meta.dirname,
  '../../../../prisma/migrations/20261127030000_account_lifecycle/migration.sql',
)

let postgres: TestDatabase
let client: pg.Client
beforeAll(async () => {
  postgres = await createTestDatabase()
  client = new pg.Client({ connectionString: postgres.url })
  await client.connect()
})
afterAll(async () => {
  await client.end()
  await postgres.drop()
})

/** Runs the part of the migration that replaces the keys, on accounts that an earlier version created in this order. */
async function migrated(names: string[]): Promise<string[]> {
  const sql = await readFile(MIGRATION, 'utf8')
  await client.query('TRUNCATE users CASCADE')
  for (const [i, name] of names.entries()) {
    await client.query(
      `INSERT INTO users (username, username_key, email, email_key, password_hash, created_at)
       VALUES ($1, $2, $3, $3, '', now() + $4 * interval '1 second')`,
      [name, name.normalize('NFKC').toLowerCase(), `${i}@example.com`, i],
    )
  }
  await client.query(sql.slice(sql.indexOf('UPDATE users SET username_key')))
  const { rows } = await client.query('SELECT username_key FROM users ORDER BY created_at')
  return rows.map(({ username_key }) => username_key)
}

test('the migration computes the keys that new accounts get', async () => {
  const names = [
    'admin',
    'Zoë',
    'Привет',
    'ελληνικά',
    'modem',
    'l0l',
    'œuvre',
    '김철수',
    'محمد',
    'हिन्दी',
    '...',
  ]
  expect(await migrated(names)).toEqual(names.map(usernameKey))
})

test('of names that look alike, the oldest takes the key and the others keep working', async () => {
  const names = ['modem', 'modern', 'mоdеrn', 'other']
  expect(await migrated(names)).toEqual(['rnodern', '=modern', '=mоdеrn', 'other'])
})
