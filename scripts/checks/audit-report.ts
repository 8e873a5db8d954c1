const SEVERITIES = ['critical', 'high'] as const

/** What `npm audit --json` found: issues to fix, or why there is no answer. */
export type AuditVerdict = { issues: string[]; skipped?: string }

/**
 * Reads the output of `npm audit --json`. Advisories below `high` do not count. Not every registry can answer: a mirror may
 * not know the request. Pure.
 */
export function auditVerdict(output: string): AuditVerdict {
  const report = parse(output)
  if (!report?.metadata?.vulnerabilities) {
    return { issues: [], skipped: report?.error?.summary || report?.message || 'npm audit gave no report' }
  }
  const found = Object.values(report.vulnerabilities ?? {}).filter(({ severity }) => isSevere(severity))
  return {
    issues: found.map(({ name, severity, range, fixAvailable }) =>
      [`${severity}: ${name} ${range}`, fixAvailable ? 'a fix is available' : 'no fix yet'].join(', '),
    ),
  }
}

type Report = {
  error?: { summary?: string }
  message?: string
  metadata?: { vulnerabilities?: Record<string, number> }
  vulnerabilities?: Record<string, { name: string; severity: string; range: string; fixAvailable: unknown }>
}

const isSevere = (severity: string) => SEVERITIES.some((one) => one === severity)

function parse(output: string): Report | undefined {
  try {
    return JSON.parse(output)
  } catch {
    return undefined
  }
}
