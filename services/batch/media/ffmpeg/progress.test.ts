import { expect, test } from '@jest/globals'
import { monotonicProgress, scaledProgress } from './progress.ts'

test('each step reports its share of the whole, and a retried step never goes back', () => {
  const reported: number[] = []
  const listener = monotonicProgress((percent) => reported.push(percent))
  const [first, second] = [scaledProgress(0, 20, listener), scaledProgress(20, 100, listener)]
  for (const percent of [0, 50, 100]) first(percent)
  for (const percent of [0, 50]) second(percent)
  for (const percent of [10, 60, 100]) second(percent)
  expect(reported).toEqual([0, 10, 20, 60, 68, 100])
})
