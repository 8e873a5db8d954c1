import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, describe, expect, jest, test } from '@jest/globals'
import bcrypt from 'bcrypt'
import { createPasswords } from './passwords.ts'

afterEach(() => {
  jest.restoreAllMocks()
})

const HERE = '192.0.2.1'

describe('a password', () => {
  const passwords = createPasswords(4)

  test('matches its hash and no other', async () => {
    const hash = await passwords.hash('correct horse', HERE)
    expect(await passwords.matches('correct horse', hash, HERE)).toBe(true)
    expect(await passwords.matches('Correct horse', hash, HERE)).toBe(false)
  })

  test('never matches without a hash, not even the password of the dummy hash', async () => {
    expect(await passwords.matches('nobody has this password', undefined, HERE)).toBe(false)
  })

  test('is compared with a hash of the same cost when there is none', async () => {
    const compare = jest.spyOn(bcrypt, 'compare')
    await passwords.matches('anything', undefined, HERE)
    expect(compare.mock.calls).toEqual([
      [expect.stringMatching(/^[\w+/]{43}=$/), expect.stringMatching(/^\$2b\$04\$/)],
    ])
  })

  test('matches only as a whole, although bcrypt ignores what follows 72 bytes or a NUL', async () => {
    for (const [password, other] of [
      ['x'.repeat(100), `${'x'.repeat(99)}y`],
      ['a\0b', 'a\0c'],
      ['é'.repeat(64), `${'é'.repeat(63)}e`],
    ] as const) {
      const hash = await passwords.hash(password, HERE)
      expect(await passwords.matches(password, hash, HERE)).toBe(true)
      expect(await passwords.matches(other, hash, HERE)).toBe(false)
    }
  })

  test('matches in every composition', async () => {
    const hash = await passwords.hash('zoë ﬁlm'.normalize('NFC'), HERE)
    expect(await passwords.matches('zoë ﬁlm'.normalize('NFD'), hash, HERE)).toBe(true)
    expect(await passwords.matches('zoë film', hash, HERE)).toBe(true)
  })

  test('matches the hash of an earlier version, which is outdated', async () => {
    const password = 'x'.repeat(72)
    const hash = await bcrypt.hash(password, 4)
    expect(await passwords.matches(password, hash, HERE)).toBe(true)
    expect(await passwords.matches(`${password}y`, hash, HERE)).toBe(false)
    expect(await passwords.matches('a\0b', await bcrypt.hash('a', 4), HERE)).toBe(false)
    expect(passwords.isOutdated(hash)).toBe(true)
    expect(passwords.isOutdated(await passwords.hash(password, HERE))).toBe(false)
    expect(createPasswords(5).isOutdated(await passwords.hash(password, HERE))).toBe(true)
  })
})

describe('concurrent bcrypt calls', () => {
  /** Passwords whose hashes are pending until `end` settles them, first come, first served. */
  function pendingHashes() {
    const ends: ((outcome: Promise<string>) => void)[] = []
    jest.spyOn(bcrypt, 'hash').mockImplementation(() => new Promise((resolve) => ends.push(resolve)))
    const passwords = createPasswords(4)
    // The dummy hash is not queued.
    ends.splice(0)
    const end = async (outcome = Promise.resolve('hash')) => {
      ends.shift()?.(outcome)
      await turn()
    }
    return { passwords, running: () => ends.length, end }
  }

  test('run two at a time, in order', async () => {
    const { passwords, running, end } = pendingHashes()
    const done: number[] = []
    const all = [1, 2, 3, 4].map((n) => passwords.hash(`${n}`, HERE).then(() => done.push(n)))
    await turn()
    expect(running()).toBe(2)
    await end()
    expect({ done, running: running() }).toEqual({ done: [1], running: 2 })
    for (let i = 0; i < 3; i++) await end()
    await Promise.all(all)
    expect(done).toEqual([1, 2, 3, 4])
  })

  const refused = expect.objectContaining({ code: 'request.rate_limited', headers: { 'Retry-After': '5' } })

  test('are refused with Retry-After once ten of an address are waiting, and only those', async () => {
    const { passwords, end } = pendingHashes()
    const all = Array.from({ length: 12 }, () => passwords.hash('x', HERE))
    await expect(passwords.hash('x', HERE)).rejects.toEqual(refused)
    const other = passwords.hash('x', '192.0.2.2')
    await turn()
    for (let i = 0; i < 4; i++) await end()
    // Two were running and one was next: the other address did not wait for the rest.
    expect(await Promise.race([other, turn('waits')])).toBe('v2:hash')
    for (let i = 0; i < 9; i++) await end()
    expect(await Promise.all(all)).toHaveLength(12)
  })

  test('are refused once 40 are waiting, unless another address has more of them', async () => {
    const { passwords, end } = pendingHashes()
    const addresses = Array.from({ length: 4 }, (_, i) => `198.51.100.${i}`)
    const running = [1, 2].map(() => passwords.hash('x', HERE))
    const waiting = addresses.flatMap((address) =>
      Array.from({ length: 10 }, () => passwords.hash('x', address)),
    )
    const outcomes = Promise.allSettled(waiting)
    const other = passwords.hash('x', '192.0.2.2')
    await turn()
    for (let i = 0; i < 42; i++) await end()
    expect(await Promise.all([...running, other])).toHaveLength(3)
    const rejected = (await outcomes).filter(({ status }) => status === 'rejected')
    expect(rejected).toEqual([{ status: 'rejected', reason: refused }])
  })

  test('continue after one fails', async () => {
    const { passwords, running, end } = pendingHashes()
    const all = [1, 2, 3].map(() => passwords.hash('x', HERE))
    const [first] = all
    await turn()
    const outcome = Promise.reject(new Error('no memory'))
    await Promise.all([expect(first).rejects.toThrow('no memory'), end(outcome)])
    expect(running()).toBe(2)
    for (let i = 0; i < 2; i++) await end()
    expect(await Promise.all(all.slice(1))).toEqual(['v2:hash', 'v2:hash'])
  })
})
