import { expect, test } from '@jest/globals'
import { monotonicProgress, scaledProgress } from './progress.ts'

test('steps share the whole, and a second try does not go back', () => {
  const heard: number[] = []
  const hear = monotonicProgress((percent) => heard.push(percent))
  const [first, second] = [scaledProgress(0, 20, hear), scaledProgress(20, 100, hear)]
  for (const percent of [0, 50, 100]) first(percent)
  for (const percent of [0, 50]) second(percent)
  for (const percent of [10, 60, 100]) second(percent)
  expect(heard).toEqual([0, 10, 20, 60, 68, 100])
})
