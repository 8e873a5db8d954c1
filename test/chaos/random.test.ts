import { describe, expect, test } from '@jest/globals'
import { createRandom } from './random.ts'

const some = (seed: number) => {
  const random = createRandom(seed)
  return Array.from({ length: 20 }, () => random.next())
}

describe('seeded chance', () => {
  test('makes the same choices for the same seed', () => {
    expect(some(7)).toEqual(some(7))
  })

  test('makes other choices for another seed', () => {
    expect(some(7)).not.toEqual(some(8))
  })

  test('stays within its bounds, and reaches both of them', () => {
    const random = createRandom(1)
    const values = new Set(Array.from({ length: 200 }, () => random.whole(3, 6)))
    expect([...values].sort()).toEqual([3, 4, 5, 6])
  })

  test('branches that do not shift each other', () => {
    const [one, other] = [createRandom(5), createRandom(5)]
    one.branch('first').next()
    expect(one.branch('second').next()).toBe(other.branch('second').next())
    expect(one.branch('second').next()).not.toBe(one.branch('third').next())
  })

  test('throws when the list is empty', () => {
    expect(() => createRandom(1).pick([])).toThrow('Cannot pick from an empty list')
  })
})
