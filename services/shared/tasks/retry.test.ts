import { expect, test } from '@jest/globals'
import { afterFailure, type EndedAttempt, isSameFailure } from './retry.ts'

const ended = (some: Partial<EndedAttempt>): EndedAttempt => ({
  retry: true,
  uncounted: false,
  attempt: 1,
  failures: 0,
  maxAttempts: 5,
  ...some,
})

const delayAfter = (some: Partial<EndedAttempt>, random = 0) => {
  const verdict = afterFailure(ended({ maxAttempts: 99, ...some }), random)
  return verdict.kind === 'retry' ? verdict.delayMs : undefined
}

test('an error that cannot be retried fails the task at once', () => {
  expect(afterFailure(ended({ retry: false }), 0)).toEqual({ kind: 'fail' })
})

test('the last attempt fails the task', () => {
  expect(afterFailure(ended({ failures: 3 }), 0)).toMatchObject({ kind: 'retry', counts: true })
  expect(afterFailure(ended({ failures: 4 }), 0)).toEqual({ kind: 'fail' })
})

test('the delay doubles up to a minute, and half of it is random', () => {
  const delays = [0, 1, 2, 3, 8].map((failures) => [delayAfter({ failures }), delayAfter({ failures }, 0.5)])
  expect(delays).toEqual([
    [1000, 1500],
    [2000, 3000],
    [4000, 6000],
    [8000, 12000],
    [30000, 45000],
  ])
})

test('a service error does not count against the task, even after its last attempt', () => {
  expect(afterFailure(ended({ uncounted: true, attempt: 7, failures: 4 }), 0)).toMatchObject({
    kind: 'retry',
    counts: false,
  })
})

test('the delay grows with each service error', () => {
  const delays = [1, 2, 3, 10].map((attempt) => delayAfter({ uncounted: true, attempt }))
  expect(delays).toEqual([1000, 2000, 4000, 30_000])
})

test('service errors that do not stop count in the end', () => {
  expect(afterFailure(ended({ uncounted: true, attempt: 20 }), 0)).toMatchObject({ counts: true })
  expect(afterFailure(ended({ uncounted: true, attempt: 24, failures: 4 }), 0)).toEqual({ kind: 'fail' })
})

test('an output that fails verification exactly as before is final; anything else is not', () => {
  const failure = (code: string, message = 'output.mp4 came out with no video and was discarded.') => ({
    code,
    message,
  })
  const wrong = failure('media.wrong_result')
  expect(isSameFailure(wrong, wrong)).toBe(true)
  expect(isSameFailure(wrong, null)).toBe(false)
  expect(isSameFailure(wrong, failure('media.wrong_result', 'output.mp4 came out with no audio.'))).toBe(
    false,
  )
  expect(isSameFailure(failure('source.unavailable'), failure('source.unavailable'))).toBe(false)
})
