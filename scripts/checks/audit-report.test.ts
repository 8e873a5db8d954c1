import { expect, test } from '@jest/globals'
import { auditVerdict } from './audit-report.ts'

const report = (vulnerabilities: object) =>
  JSON.stringify({ auditReportVersion: 2, vulnerabilities, metadata: { vulnerabilities: { high: 1 } } })

test('severe advisories are issues, others are not', () => {
  const one = (name: string, severity: string, fixAvailable: boolean) => ({
    name,
    severity,
    range: '<2.0.0',
    fixAvailable,
  })
  const found = { a: one('a', 'high', true), b: one('b', 'critical', false), c: one('c', 'moderate', true) }
  expect(auditVerdict(report(found))).toEqual({
    issues: ['high: a <2.0.0, a fix is available', 'critical: b <2.0.0, no fix yet'],
  })
  expect(auditVerdict(report({}))).toEqual({ issues: [] })
})

test.each([
  [
    '{"message":"request failed, reason: 405","error":{"summary":"audit endpoint returned an error"}}',
    'audit endpoint returned an error',
  ],
  ['{"message":"405 Method Not Allowed"}', '405 Method Not Allowed'],
  ['npm error', 'npm audit gave no report'],
])('no answer is no verdict', (output, skipped) => {
  expect(auditVerdict(output)).toEqual({ issues: [], skipped })
})
