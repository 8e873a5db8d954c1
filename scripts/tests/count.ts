export type Count = { passed: number; failed: number; skipped: number }

/** The fields of Jest's `--json` report that are used. */
export type JestReport = {
  numPassedTests: number
  numFailedTests: number
  numPendingTests: number
  numTodoTests: number
  /** Files that could not be loaded; their tests are in no other number. */
  numRuntimeErrorTestSuites: number
}

export const NONE: Count = { passed: 0, failed: 0, skipped: 0 }

/** A file that could not be loaded counts as one failure. */
export function toCount(report: JestReport): Count {
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + report.numRuntimeErrorTestSuites,
    skipped: report.numPendingTests + report.numTodoTests,
  }
}

export function add(a: Count, b: Count): Count {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped }
}

/** The last line of every test run. */
export function summary({ passed, failed, skipped }: Count): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}
