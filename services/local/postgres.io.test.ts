import { describe, expect, test } from '@jest/globals'
import { isTransient } from './postgres.ts'
import { isServerOf, parsePid } from './postgres-orphan.ts'

describe('an orphaned server', () => {
  test.each([
    ['12345\n/data\n1700000000\n', 12345],
    ['', undefined],
    ['not a number', undefined],
    ['1\n', undefined],
  ])('with the lock file %j is process %p', (lockFile, pid) => {
    expect(parsePid(lockFile)).toBe(pid)
  })

  test.each([
    ['/x/bin/postgres -D /data/cluster -c port=1', true],
    ['/x/bin/postgres -c port=1 -D /data/cluster', true],
    ['/x/bin/postgres -D /data/cluster2 -c port=1', false],
    ['vim /data/cluster', false],
    ['', false],
  ])('is distinguished from other programs that got its process id: %s', (line, expected) => {
    expect(isServerOf(line, '/data/cluster')).toBe(expected)
  })
})

describe('a failed start', () => {
  test.each([
    ['FATAL:  pre-existing shared memory block (key 1, ID 2) is still in use', true, true],
    ['could not bind IPv4 address "127.0.0.1": Address already in use', true, true],
    ['could not bind IPv4 address "127.0.0.1": Address already in use', false, false],
    ['FATAL:  data directory "/x" has wrong ownership', true, false],
  ])('with %s, own port %p, is retried: %p', (logTail, isOwnPort, expected) => {
    expect(isTransient(logTail, isOwnPort)).toBe(expected)
  })
})
