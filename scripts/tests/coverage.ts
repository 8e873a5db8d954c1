import { appendFile, readFile } from 'node:fs/promises'

type Total = { pct: number; covered: number; total: number }
type CoverageSummary = { total: Record<'lines' | 'functions' | 'branches', Total> }

/** Adds the figures to the summary page of a CI run, where the CI names a file for it (GITHUB_STEP_SUMMARY). */
export async function reportCoverage(summaryFile: string, env: NodeJS.ProcessEnv): Promise<void> {
  if (!env.GITHUB_STEP_SUMMARY) return
  const summary = JSON.parse(await readFile(summaryFile, 'utf8')) as CoverageSummary
  await appendFile(env.GITHUB_STEP_SUMMARY, coverageTable(summary))
}

/** A Markdown table. */
export function coverageTable({ total }: CoverageSummary): string {
  const rows = Object.entries({ Lines: total.lines, Functions: total.functions, Branches: total.branches })
  return [
    '### Coverage of unit, io and api tests',
    '',
    '| | Covered | |',
    '| --- | ---: | ---: |',
    ...rows.map(([name, { pct, covered, total }]) => `| ${name} | ${pct} % | ${covered} of ${total} |`),
    '',
  ].join('\n')
}
