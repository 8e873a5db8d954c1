import { describe, expect, test } from '@jest/globals'
import { type MigrationRow, pendingMigrations } from './migrations.ts'

const first = { name: '1_init', sql: 'CREATE TABLE a ()', checksum: 'aa' }
const second = { name: '2_more', sql: 'CREATE TABLE b ()', checksum: 'bb' }
const row = (fields: Partial<MigrationRow>): MigrationRow => ({
  name: '1_init',
  checksum: 'aa',
  finished: true,
  rolledBack: false,
  ...fields,
})

describe('pending migrations', () => {
  const cases: [string, MigrationRow[], string[]][] = [
    ['are all of them in a new database', [], ['1_init', '2_more']],
    ['leave out what is applied', [row({})], ['2_more']],
    ['include what was rolled back', [row({ rolledBack: true })], ['1_init', '2_more']],
    [
      'leave out what failed, was resolved, and passed later',
      [row({ finished: false, rolledBack: true }), row({})],
      ['2_more'],
    ],
    [
      'take no notice of migrations that a newer version applied',
      [row({}), row({ name: '9_x' })],
      ['2_more'],
    ],
  ]
  test.each(cases)('%s', (_claim, rows, expected) => {
    expect(pendingMigrations([first, second], rows).map(({ name }) => name)).toEqual(expected)
  })

  test('a migration that never finished stops everything, and says what to run', () => {
    expect(() => pendingMigrations([first], [row({ finished: false })])).toThrow(
      /1_init began .* never finished.*prisma migrate resolve/,
    )
  })

  test('a migration changed after it was applied stops everything', () => {
    expect(() => pendingMigrations([first], [row({ checksum: 'other' })])).toThrow(/1_init was changed/)
  })
})
