import { expect, test } from '@jest/globals'
import { grantStatements } from './grant.ts'

test('a user can change rows, but neither tables nor the history of migrations', () => {
  expect(grantStatements('cutroom-web@clips.iam')).toEqual([
    'GRANT USAGE ON SCHEMA public TO "cutroom-web@clips.iam"',
    'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO "cutroom-web@clips.iam"',
    'GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO "cutroom-web@clips.iam"',
    'REVOKE INSERT, UPDATE, DELETE ON _prisma_migrations FROM "cutroom-web@clips.iam"',
  ])
})

test('a quote in a user name is escaped', () => {
  expect(grantStatements('a"; DROP TABLE users; --')[0]).toBe(
    'GRANT USAGE ON SCHEMA public TO "a""; DROP TABLE users; --"',
  )
})
