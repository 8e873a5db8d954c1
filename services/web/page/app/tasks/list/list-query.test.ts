import { describe, expect, test } from '@jest/globals'
import { DEFAULT_QUERY, fromAddress, matches, type TaskRow, toAddress, toParameters } from './list-query.ts'

test('the default is the newest first, and has an empty address', () => {
  expect(toParameters(DEFAULT_QUERY)).toEqual({ order: '1' })
  expect(toAddress(DEFAULT_QUERY)).toBe('')
  expect(fromAddress('')).toEqual(DEFAULT_QUERY)
})

test('an address leads to the same query again', () => {
  const query = { filter: 'active', order: 'finished', search: 'a & b' } as const
  expect(fromAddress(toAddress(query))).toEqual(query)
  expect(toParameters(query)).toEqual({
    order: '1',
    sort: 'finished',
    status: 'queued,running',
    search: 'a & b',
  })
})

test('an address that makes no sense is the default', () => {
  expect(fromAddress('filter=none&order=7&x=y')).toEqual(DEFAULT_QUERY)
})

describe('a task matches', () => {
  const task = {
    status: 'succeeded',
    name: 'Holiday.mp4',
    outputs: [{ name: 'output.mp4' }],
    finished_at: '2026-11-27T10:00:00.000Z',
  } as TaskRow

  test.each([
    [{}, true],
    [{ filter: 'succeeded' }, true],
    [{ filter: 'active' }, false],
    [{ search: 'holi' }, true],
    [{ search: 'OUTPUT' }, true],
    [{ search: 'none' }, false],
    [{ order: 'finished' }, true],
  ] as const)('%j: %s', (query, isMatch) => {
    expect(matches(task, { ...DEFAULT_QUERY, ...query })).toBe(isMatch)
  })

  test('the finished ones alone in their order', () => {
    expect(matches({ ...task, finished_at: null }, { ...DEFAULT_QUERY, order: 'finished' })).toBe(false)
  })
})
