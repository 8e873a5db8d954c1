import { describe, expect, test } from '@jest/globals'
import type { TaskSummary } from '#shared/contract/tasks.ts'
import { append, mergeNewest } from './task-list.ts'

const task = (id: string, at: number, more: Partial<TaskSummary> = {}) =>
  ({
    id,
    created_at: `2026-11-27T10:00:${String(at).padStart(2, '0')}.000Z`,
    status: 'queued',
    ...more,
  }) as TaskSummary
const ids = (tasks: TaskSummary[]) => tasks.map(({ id }) => id).join('')

describe('a fresh first page', () => {
  test('brings new tasks and new states, and keeps older pages', () => {
    const merged = mergeNewest(
      [task('c', 3), task('b', 2), task('a', 1)],
      [task('d', 4), task('c', 3, { status: 'succeeded' })],
    )
    expect(ids(merged)).toBe('dcba')
    expect(merged[1]?.status).toBe('succeeded')
  })

  test('drops what was deleted within it', () => {
    expect(ids(mergeNewest([task('c', 3), task('b', 2), task('a', 1)], [task('c', 3), task('a', 1)]))).toBe(
      'ca',
    )
  })

  test('that is empty leaves older tasks to their own pages', () => {
    expect(ids(mergeNewest([task('a', 1)], []))).toBe('a')
  })
})

test('a further page doubles nothing', () => {
  expect(ids(append([task('b', 2), task('a', 1)], [task('a', 1), task('0', 0)]))).toBe('ba0')
})
