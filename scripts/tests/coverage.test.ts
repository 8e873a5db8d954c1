import { expect, test } from '@jest/globals'
import { coverageTable } from './coverage.ts'

test('the table names lines, functions and branches', () => {
  const figure = { pct: 91.5, covered: 183, total: 200 }
  const table = coverageTable({ total: { lines: figure, functions: figure, branches: figure } })
  expect(table).toContain('| Lines | 91.5 % | 183 of 200 |')
  expect(table.match(/91\.5/g)).toHaveLength(3)
})
