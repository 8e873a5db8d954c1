import { expect, test } from '@jest/globals'
import { loadDatabaseConfig } from '#shared/config.ts'
import { openDatabase } from '#shared/database/database.ts'
import { silentLogger } from '#shared/observability/logger.ts'
import { createTestDatabase } from '#test/database.ts'
import { prepareBatchRole } from './batch-role.ts'

test('batch gets a role of its own, which cannot read the hashes of passwords, at every start', async () => {
  const { url, drop } = await createTestDatabase()
  try {
    await prepareBatchRole(url, silentLogger)
    const own = await prepareBatchRole(url, silentLogger)
    const database = await openDatabase(loadDatabaseConfig({ DATABASE_URL: own }), silentLogger)
    expect(await database.query('SELECT id, email FROM users')).toEqual([])
    await expect(database.query('SELECT password_hash FROM users')).rejects.toThrow('permission denied')
    await database.close()
  } finally {
    await drop()
  }
})
