import { expect, test } from '@jest/globals'
import { unverified } from './lockfile.ts'

test('every package needs a SHA-512, also those of other platforms', () => {
  expect(
    unverified({
      '': {},
      'node_modules/a': { version: '1.0.0', integrity: 'sha512-abc' },
      'node_modules/b': { version: '1.0.0' },
      'node_modules/c': { version: '1.0.0', integrity: 'sha1-abc' },
      'node_modules/a/node_modules/d': { version: '1.0.0', inBundle: true },
      'node_modules/e': { link: true },
    }),
  ).toEqual(['node_modules/b', 'node_modules/c'])
})
