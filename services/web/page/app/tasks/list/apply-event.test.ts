import { describe, expect, test } from '@jest/globals'
import type { Event } from '#shared/contract/events/events.ts'
import { applyEvent, type LoadedList } from './apply-event.ts'
import { DEFAULT_QUERY, type ListQuery, type TaskRow } from './list-query.ts'

const task = (id: string, at: number, more: Partial<TaskRow> = {}) =>
  ({
    id,
    created_at: `2026-11-27T10:00:${String(at).padStart(2, '0')}.000Z`,
    finished_at: null,
    status: 'queued',
    name: `${id}.mp4`,
    outputs: [],
    ...more,
  }) as unknown as TaskRow
const event = (data: TaskRow) => ({ type: 'task.running', sequence: 1, timestamp: '', data }) as Event
const list = (tasks: TaskRow[], query: Partial<ListQuery> = {}, hasMore = true): LoadedList => ({
  tasks,
  query: { ...DEFAULT_QUERY, ...query },
  hasMore,
})
const ids = (tasks: readonly TaskRow[]) => tasks.map(({ id }) => id).join('')
const [c, b, a] = [task('c', 3), task('b', 2), task('a', 1)]

describe('an event', () => {
  test('replaces its task where it is', () => {
    const after = applyEvent(list([c, b, a]), event({ ...b, status: 'running', progress: 40 }))
    expect(ids(after)).toBe('cba')
    expect(after[1]).toMatchObject({ status: 'running', progress: 40 })
  })

  test('inserts a task in its order', () => {
    expect(ids(applyEvent(list([c, a]), event(b)))).toBe('cba')
    expect(ids(applyEvent(list([c, b]), event(task('d', 4))))).toBe('dcb')
    expect(ids(applyEvent(list([a, c], { order: 'oldest' }), event(b)))).toBe('abc')
  })

  test('leaves a task behind what is loaded to its page, and appends it where there is no further one', () => {
    expect(ids(applyEvent(list([c, b]), event(a)))).toBe('cb')
    expect(ids(applyEvent(list([c, b], {}, false), event(a)))).toBe('cba')
  })

  test('removes a task that no longer matches', () => {
    const active = list([c, b, a], { filter: 'active' })
    expect(ids(applyEvent(active, event({ ...b, status: 'succeeded' })))).toBe('ca')
    expect(ids(applyEvent(active, event(task('x', 9, { status: 'failed' }))))).toBe('cba')
  })

  test('of a deleted task removes it', () => {
    const deleted = { type: 'task.deleted', sequence: 1, timestamp: '', data: { id: 'b' } } as Event
    expect(ids(applyEvent(list([c, b, a]), deleted))).toBe('ca')
  })

  test('brings a finished task to the top of those by finish', () => {
    const done = (one: TaskRow, at: string) => ({ ...one, status: 'succeeded' as const, finished_at: at })
    const tasks = [done(c, '2026-11-27T11:00:00.000Z')]
    const after = applyEvent(list(tasks, { order: 'finished' }), event(done(a, '2026-11-27T12:00:00.000Z')))
    expect(ids(after)).toBe('ac')
  })
})
