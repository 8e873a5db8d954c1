import { expect, test } from '@jest/globals'
import { createRecentSet } from './recent-set.ts'

test('forgets the oldest of too many', () => {
  const recent = createRecentSet<string>(2)
  for (const member of ['a', 'b', 'a', 'c']) recent.add(member)
  expect(['a', 'b', 'c'].map(recent.has)).toEqual([false, true, true])
})
