/**
 * `npm run audit`: known vulnerabilities in the packages that the services run with. Not a part of `npm test`, which must not
 * fail on a commit that has not changed. Where the registry cannot answer, it says so loudly and succeeds.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { auditVerdict } from './checks/audit-report.ts'

const ARGUMENTS = ['audit', '--omit=dev', '--package-lock-only', '--audit-level=high', '--json']

const { stdout, error } = spawnSync('npm', ARGUMENTS, {
  cwd: join(import.meta.dirname, '..'),
  encoding: 'utf8',
  maxBuffer: 64 * 1024 ** 2,
})
const { issues, skipped } = auditVerdict(stdout ?? '')
if (skipped) {
  const reason = error?.message ?? skipped
  console.warn(
    `\n*** SKIPPED npm audit: ${reason}. Nothing is known about vulnerabilities in packages. ***\n`,
  )
} else {
  console.log(issues.length > 0 ? issues.join('\n') : 'npm audit: no severe advisories.')
}
process.exit(issues.length > 0 ? 1 : 0)
