import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, describe, expect, jest, test } from '@jest/globals'
import bcrypt from 'bcrypt'
import { createPasswords } from './passwords.ts'

afterEach(() => {
  jest.restoreAllMocks()
})

describe('a password', () => {
  const passwords = createPasswords(4)

  test('matches its hash and no other', async () => {
    const hash = await passwords.hash('correct horse')
    expect(await passwords.matches('correct horse', hash)).toBe(true)
    expect(await passwords.matches('Correct horse', hash)).toBe(false)
  })

  test('never matches without a hash, not even the password of the dummy hash', async () => {
    expect(await passwords.matches('nobody has this password', undefined)).toBe(false)
  })

  test('is compared with a hash of the same cost when there is none', async () => {
    const compare = jest.spyOn(bcrypt, 'compare')
    await passwords.matches('anything', undefined)
    expect(compare.mock.calls).toEqual([['anything', expect.stringMatching(/^\$2b\$04\$/)]])
  })

  test('matches only as a whole, although bcrypt ignores what follows 72 bytes or a NUL', async () => {
    const password = 'x'.repeat(72)
    const hash = await passwords.hash(password)
    expect(await passwords.matches(password, hash)).toBe(true)
    expect(await passwords.matches(`${password}y`, hash)).toBe(false)
    expect(await passwords.matches('a\0b', await bcrypt.hash('a', 4))).toBe(false)
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
    const all = [1, 2, 3, 4].map((n) => passwords.hash(`${n}`).then(() => done.push(n)))
    await turn()
    expect(running()).toBe(2)
    await end()
    expect({ done, running: running() }).toEqual({ done: [1], running: 2 })
    for (let i = 0; i < 3; i++) await end()
    await Promise.all(all)
    expect(done).toEqual([1, 2, 3, 4])
  })

  test('are refused with Retry-After once 40 are waiting', async () => {
    const { passwords, end } = pendingHashes()
    const all = Array.from({ length: 42 }, () => passwords.hash('x'))
    const refused = expect.objectContaining({ code: 'request.rate_limited', headers: { 'Retry-After': '5' } })
    await expect(passwords.hash('x')).rejects.toEqual(refused)
    await turn()
    await end()
    const late = passwords.hash('x')
    await turn()
    await expect(passwords.hash('x')).rejects.toEqual(refused)
    for (let i = 0; i < 42; i++) await end()
    expect(await Promise.all([...all, late])).toHaveLength(43)
  })

  test('continue after one fails', async () => {
    const { passwords, running, end } = pendingHashes()
    const all = [1, 2, 3].map(() => passwords.hash('x'))
    const [first] = all
    await turn()
    const outcome = Promise.reject(new Error('no memory'))
    await Promise.all([expect(first).rejects.toThrow('no memory'), end(outcome)])
    expect(running()).toBe(2)
    for (let i = 0; i < 2; i++) await end()
    expect(await Promise.all(all.slice(1))).toEqual(['hash', 'hash'])
  })
})
