import { expect, test } from '@jest/globals'
import { afterAttempt } from './retry-schedule.ts'

const pauseAfter = (attempt: number, random = 0.5) => {
  const step = afterAttempt({ retry: true, attempt }, random)
  return step.kind === 'postpone' ? step.delayMs : undefined
}

test('pauses grow from seconds to hours', () => {
  const seconds = [1, 2, 3, 4, 5, 6, 7, 8].map((attempt) => (pauseAfter(attempt) ?? 0) / 1000)
  expect(seconds).toEqual([5, 30, 120, 600, 3600, 21_600, 28_800, 28_800])
})

test('the ninth attempt is the last, about a day after the first', () => {
  const hours = (random: number) =>
    [1, 2, 3, 4, 5, 6, 7, 8].reduce((sum, attempt) => sum + (pauseAfter(attempt, random) ?? 0), 0) / 3_600_000
  expect([hours(0), hours(0.5), hours(1)].map(Math.round)).toEqual([19, 23, 28])
  expect(afterAttempt({ retry: true, attempt: 9 }, 0)).toEqual({ kind: 'give_up' })
})

test('a pause is jittered by a fifth', () => {
  expect([pauseAfter(1, 0), pauseAfter(1, 1)]).toEqual([4000, 6000])
})

test('a failure that no other attempt can mend is the last', () => {
  expect(afterAttempt({ retry: false, attempt: 1 }, 0)).toEqual({ kind: 'give_up' })
})
