import { expect, test } from '@jest/globals'
import { grants } from './grant.ts'

test('a service may change rows, but neither tables nor what is known of migrations', () => {
  expect(grants('cutroom-web@clips.iam')).toEqual([
    'GRANT USAGE ON SCHEMA public TO "cutroom-web@clips.iam"',
    'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO "cutroom-web@clips.iam"',
    'GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO "cutroom-web@clips.iam"',
    'REVOKE INSERT, UPDATE, DELETE ON _prisma_migrations FROM "cutroom-web@clips.iam"',
  ])
})

test('a quote in a name stays inside the name', () => {
  expect(grants('a"; DROP TABLE users; --')[0]).toBe(
    'GRANT USAGE ON SCHEMA public TO "a""; DROP TABLE users; --"',
  )
})
