import type { Event } from '#shared/contract/events/events.ts'
import { isBefore, type ListQuery, matches, type TaskRow } from './list-query.ts'

/** A list as far as it is loaded. */
export type LoadedList = { tasks: readonly TaskRow[]; query: ListQuery; hasMore: boolean }

/**
 * The tasks after an event: a task that matches the query is replaced or inserted in its order, others disappear. One that belongs
 * behind what is loaded comes with its page.
 */
export function applyEvent({ tasks, query, hasMore }: LoadedList, event: Event): readonly TaskRow[] {
  if (event.type === 'upload.completed') return tasks
  const index = tasks.findIndex(({ id }) => id === event.data.id)
  if (event.type === 'task.deleted') return index < 0 ? tasks : tasks.toSpliced(index, 1)
  const task = event.data
  const isMatch = matches(task, query)
  if (index >= 0) {
    // Both orders are by times that never change again.
    return isMatch ? tasks.with(index, task) : tasks.toSpliced(index, 1)
  }
  if (!isMatch) return tasks
  const at = tasks.findIndex((other) => isBefore(task, other, query.order))
  if (at >= 0) return tasks.toSpliced(at, 0, task)
  return hasMore ? tasks : [...tasks, task]
}
