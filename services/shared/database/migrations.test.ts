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
    ['are all migrations in an empty database', [], ['1_init', '2_more']],
    ['exclude applied migrations', [row({})], ['2_more']],
    ['include migrations that were rolled back', [row({ rolledBack: true })], ['1_init', '2_more']],
    [
      'exclude a migration that failed, was resolved and then succeeded',
      [row({ finished: false, rolledBack: true }), row({})],
      ['2_more'],
    ],
    ['ignore migrations that a newer version applied', [row({}), row({ name: '9_x' })], ['2_more']],
    [
      'ignore older migrations once the initial one counts as applied',
      [row({ name: '0_squashed' }), row({})],
      ['2_more'],
    ],
    [
      'ignore older migrations that were rolled back',
      [row({ name: '0_squashed', rolledBack: true })],
      ['1_init', '2_more'],
    ],
    [
      'are all migrations where only a newer version has migrated',
      [row({ name: '9_x' })],
      ['1_init', '2_more'],
    ],
  ]
  test.each(cases)('%s', (_claim, rows, expected) => {
    expect(pendingMigrations([first, second], rows).map(({ name }) => name)).toEqual(expected)
  })

  test('are refused after a migration that never finished, with the command to run', () => {
    expect(() => pendingMigrations([first], [row({ finished: false })])).toThrow(
      /1_init started .* never finished.*prisma migrate resolve/,
    )
  })

  test('are refused after an applied migration was changed', () => {
    expect(() => pendingMigrations([first], [row({ checksum: 'other' })])).toThrow(/1_init was changed/)
  })

  describe('in the database of an earlier version', () => {
    const rows = [row({ name: '0_init' }), row({ name: '0_more' })]

    test('are refused as database.schema, with the migration that shows it and what to do', () => {
      expect(() => pendingMigrations([first, second], rows)).toThrow(
        expect.objectContaining({
          code: 'database.schema',
          message:
            'This database belongs to an earlier version of Cutroom (migration 0_init) that cannot be upgraded. ' +
            'Nothing was changed; to start over with this version, create an empty database and use that one.',
        }),
      )
    })

    test("are refused with the caller's hint", () => {
      expect(() => pendingMigrations([first], rows, { startOverHint: 'move DATA_DIR away' })).toThrow(
        /to start over with this version, move DATA_DIR away\.$/,
      )
    })
  })
})
