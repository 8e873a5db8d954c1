import { expect, test } from '@jest/globals'
import { sectionsOf } from './report.ts'

test('each kind has a table with what was tried, what came out and a verdict', () => {
  const one = { id: 'a', title: 'a | b', reports: 'me/it#7', inputs: [], recipe: {}, right: {} }
  const rows = [
    { one, outcome: { result: '2.00 s', deviations: [], seconds: 1 } },
    { one: { ...one, reports: '' }, outcome: { result: '1.00 s', deviations: ['too\nshort'], seconds: 1 } },
  ]
  expect(sectionsOf([{ title: 'Kind', rows }])).toBe(`### Kind

| What was tried | Reports | What comes out | Verdict |
| --- | --- | --- | --- |
| a / b | [me/it#7](https://github.com/me/it/issues/7) | 2.00 s | right |
| a / b |  | 1.00 s | **wrong**: too short |`)
})
