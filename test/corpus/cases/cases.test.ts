import { expect, test } from '@jest/globals'
import { kinds } from './index.ts'

const all = kinds.flatMap(({ cases }) => cases)

test('there are at least 80 cases, each with an id of its own', () => {
  const ids = all.map(({ id }) => id)
  expect(ids.length).toBeGreaterThanOrEqual(80)
  expect(new Set(ids).size).toBe(ids.length)
})

test('every right value is checked: a code, a duration or a sync', () => {
  for (const { id, right } of all) {
    const isChecked = 'code' in right || right.seconds !== undefined || right.inSync || right.scenes
    expect([id, Boolean(isChecked)]).toEqual([id, true])
  }
})

test('reports are named as GitHub names issues', () => {
  for (const { reports } of all)
    for (const each of reports?.split(' ') ?? []) expect(each).toMatch(/^[\w.-]+\/[\w.-]+#\d+$/)
})
