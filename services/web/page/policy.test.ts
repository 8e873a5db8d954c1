import { expect, test } from '@jest/globals'
import { pagePolicy } from './policy.ts'

const sourcesOf = (policy: string, directive: string) =>
  policy
    .split('; ')
    .find((part) => part.startsWith(`${directive} `))
    ?.split(' ')
    .slice(1)

test.each(['disk', 'gcs'] as const)('with %s storage the policy has nothing unsafe', (kind) => {
  const policy = pagePolicy({ kind, emulator: undefined })
  expect(policy).not.toMatch(/unsafe|\*|https:(?!\/\/storage\.googleapis\.com)/)
  expect(policy).toContain("require-trusted-types-for 'script'")
  expect(sourcesOf(policy, 'default-src')).toEqual(["'none'"])
})

test('on disk, everything comes from the own origin and from local files', () => {
  const policy = pagePolicy({ kind: 'disk', emulator: undefined })
  expect(sourcesOf(policy, 'connect-src')).toEqual(["'self'"])
  expect(sourcesOf(policy, 'media-src')).toEqual(["'self'", 'blob:'])
})

test('in the cloud, the page may also exchange bytes with storage, or with its emulator', () => {
  const cloud = pagePolicy({ kind: 'gcs', emulator: undefined })
  expect(sourcesOf(cloud, 'connect-src')).toContain('https://storage.googleapis.com')
  expect(sourcesOf(cloud, 'media-src')).toContain('https://storage.googleapis.com')
  const emulated = pagePolicy({ kind: 'gcs', emulator: 'http://storage.localhost:4443/path' })
  expect(sourcesOf(emulated, 'connect-src')).toEqual(["'self'", 'http://storage.localhost:4443'])
})
