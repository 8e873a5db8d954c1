import { expect, test } from '@jest/globals'
import { grantStatements } from './privileges.ts'

test('web can change rows, but neither tables nor the history of migrations', () => {
  expect(grantStatements('cutroom-web@clips.iam', 'web').slice(2)).toEqual([
    'GRANT USAGE ON SCHEMA public TO "cutroom-web@clips.iam"',
    'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO "cutroom-web@clips.iam"',
    'GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO "cutroom-web@clips.iam"',
    'REVOKE INSERT, UPDATE, DELETE ON _prisma_migrations FROM "cutroom-web@clips.iam"',
  ])
})

test('batch gets what is listed, and loses what it had before', () => {
  const statements = grantStatements('b', 'batch')
  expect(statements.slice(0, 2)).toEqual([
    'REVOKE ALL ON ALL TABLES IN SCHEMA public FROM "b"',
    'REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM "b"',
  ])
  expect(statements).toContain(
    'GRANT SELECT (id, username, email, email_verified_at, webhook_secret, served_at, deleted_at), ' +
      'UPDATE (served_at), DELETE ON users TO "b"',
  )
  expect(statements.join()).not.toMatch(/password|ALL TABLES IN SCHEMA public TO/)
})

test('a quote in a user name is escaped', () => {
  expect(grantStatements('a"; DROP TABLE users; --', 'web')[2]).toBe(
    'GRANT USAGE ON SCHEMA public TO "a""; DROP TABLE users; --"',
  )
})
