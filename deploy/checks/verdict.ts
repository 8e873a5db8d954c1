/** What a check found, one line each; `skipped` says what could not be checked on this machine, and why. */
export type Verdict = { issues: string[]; skipped: string[] }

export const merge = (verdicts: Verdict[]): Verdict => ({
  issues: verdicts.flatMap(({ issues }) => issues),
  skipped: verdicts.flatMap(({ skipped }) => skipped),
})
