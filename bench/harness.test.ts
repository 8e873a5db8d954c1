import { describe, expect, test } from '@jest/globals'
import { interleave, isMet, median, pairwiseRatio, reportText, tableText } from './harness.ts'

test.each([
  [[3, 1, 2], 2],
  [[4, 1, 3, 2], 2.5],
  [[10], 10],
  [[], Number.NaN],
])('the median of %j is %d', (values, expected) => {
  expect(median(values)).toBe(expected)
})

test('a pairwise ratio ignores load that both runs of a pair had', () => {
  expect(pairwiseRatio([2, 20, 4], [1, 10, 2])).toBe(2)
})

describe('interleave', () => {
  test('rotates the order in each round and discards warm-ups', async () => {
    const order: string[] = []
    const turn = (name: string) => async () => order.push(name)
    const found = await interleave({ a: turn('a'), b: turn('b') }, { rounds: 2, warmUps: 1 })
    expect(order.join('')).toBe('abbaab')
    expect(found).toEqual({ a: [4, 5], b: [3, 6] })
  })
})

test('a target is met exactly at its limit', () => {
  expect(isMet({ what: '', measured: 1.25, bound: 'at most', limit: 1.25 })).toBe(true)
  expect(isMet({ what: '', measured: 0.69, bound: 'at least', limit: 0.7 })).toBe(false)
})

test('a table is Markdown with right-aligned numbers', () => {
  expect(
    tableText({
      head: ['what', 's'],
      rows: [
        ['one pass', '1.50'],
        ['two', '12.0'],
      ],
    }),
  ).toBe(
    ['| what     |    s |', '| -------- | ---: |', '| one pass | 1.50 |', '| two      | 12.0 |'].join('\n'),
  )
})

test('a report lists its targets and whether they were met', () => {
  const target = { what: 'ratio', measured: 1.5, bound: 'at most', limit: 1.25 } as const
  const text = reportText({ title: 'Overhead', notes: ['Why.'], tables: [], targets: [target] })
  expect(text.split('\n\n').slice(0, 2)).toEqual(['## Overhead', 'Why.'])
  expect(text).toContain('| ratio  | at most 1.25 |     1.50 | MISSED |')
})
