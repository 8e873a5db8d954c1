import { expect, test } from '@jest/globals'
import { add, summary, toCount } from './count.ts'

test('a file that could not be loaded counts as a failure', () => {
  const report = { numPassedTests: 3, numFailedTests: 1, numPendingTests: 2, numTodoTests: 1 }
  expect(toCount({ ...report, numRuntimeErrorTestSuites: 1 })).toEqual({ passed: 3, failed: 2, skipped: 3 })
})

test('counts add up, and the summary mentions skipped tests only when there are some', () => {
  expect(summary(add({ passed: 1, failed: 0, skipped: 0 }, { passed: 2, failed: 1, skipped: 0 }))).toBe(
    '3 passed, 1 failed',
  )
  expect(summary({ passed: 1, failed: 0, skipped: 2 })).toBe('1 passed, 0 failed, 2 skipped')
})
