import { expect, test } from '@jest/globals'
import { afterFailure } from './retry.ts'

const again = { retry: true, maxAttempts: 5 }

test('an error that allows no other try ends the task at once', () => {
  expect(afterFailure({ retry: false, failures: 1, maxAttempts: 5 }, 0)).toEqual({ kind: 'fail' })
})

test('the last attempt ends the task', () => {
  expect(afterFailure({ ...again, failures: 4 }, 0).kind).toBe('retry')
  expect(afterFailure({ ...again, failures: 5 }, 0)).toEqual({ kind: 'fail' })
})

test('the pause doubles, up to a minute, and half of it is chance', () => {
  const pauses = [1, 2, 3, 4, 9].map((failures) =>
    [0, 0.5].map((random) => afterFailure({ retry: true, maxAttempts: 99, failures }, random)),
  )
  const ms = pauses.map((pair) =>
    pair.map((verdict) => (verdict.kind === 'retry' ? verdict.delayMs : undefined)),
  )
  expect(ms).toEqual([
    [1000, 1500],
    [2000, 3000],
    [4000, 6000],
    [8000, 12000],
    [30000, 45000],
  ])
})
