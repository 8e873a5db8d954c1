import { expect, test } from '@jest/globals'
import { afterFailure, type EndedAttempt } from './retry.ts'

const ended = (some: Partial<EndedAttempt>): EndedAttempt => ({
  retry: true,
  uncounted: false,
  attempt: 1,
  failures: 0,
  maxAttempts: 5,
  ...some,
})

const pauseAfter = (some: Partial<EndedAttempt>, random = 0) => {
  const verdict = afterFailure(ended({ maxAttempts: 99, ...some }), random)
  return verdict.kind === 'retry' ? verdict.delayMs : undefined
}

test('an error that allows no other try ends the task at once', () => {
  expect(afterFailure(ended({ retry: false }), 0)).toEqual({ kind: 'fail' })
})

test('the last attempt ends the task', () => {
  expect(afterFailure(ended({ failures: 3 }), 0)).toMatchObject({ kind: 'retry', counts: true })
  expect(afterFailure(ended({ failures: 4 }), 0)).toEqual({ kind: 'fail' })
})

test('the pause doubles, up to a minute, and half of it is chance', () => {
  const pauses = [0, 1, 2, 3, 8].map((failures) => [pauseAfter({ failures }), pauseAfter({ failures }, 0.5)])
  expect(pauses).toEqual([
    [1000, 1500],
    [2000, 3000],
    [4000, 6000],
    [8000, 12000],
    [30000, 45000],
  ])
})

test('trouble of the service is not counted against the task, also after its last attempt', () => {
  expect(afterFailure(ended({ uncounted: true, attempt: 7, failures: 4 }), 0)).toMatchObject({
    kind: 'retry',
    counts: false,
  })
})

test('trouble of the service is waited for longer each time it is met', () => {
  const pauses = [1, 2, 3, 10].map((attempt) => pauseAfter({ uncounted: true, attempt }))
  expect(pauses).toEqual([1000, 2000, 4000, 30_000])
})

test('trouble of the service that does not end is counted in the end', () => {
  expect(afterFailure(ended({ uncounted: true, attempt: 20 }), 0)).toMatchObject({ counts: true })
  expect(afterFailure(ended({ uncounted: true, attempt: 24, failures: 4 }), 0)).toEqual({ kind: 'fail' })
})
