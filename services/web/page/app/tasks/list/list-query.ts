import type { Arguments } from '#client/core.ts'
import type { TaskStatus, TaskSummary } from '#shared/contract/tasks.ts'

/** A task as lists and events show it. */
export type TaskRow = Pick<
  TaskSummary,
  'id' | 'status' | 'progress' | 'preset' | 'name' | 'outputs' | 'output_count' | 'created_at' | 'finished_at'
>

export const FILTERS = ['all', 'active', 'succeeded', 'failed', 'aborted'] as const
export const ORDERS = ['newest', 'oldest', 'finished'] as const

/** What the list shows. */
export type ListQuery = {
  filter: (typeof FILTERS)[number]
  order: (typeof ORDERS)[number]
  search: string
}

export const DEFAULT_QUERY: ListQuery = { filter: 'all', order: 'newest', search: '' }

const STATUSES: Record<ListQuery['filter'], readonly TaskStatus[]> = {
  all: [],
  active: ['queued', 'running'],
  succeeded: ['succeeded'],
  failed: ['failed'],
  aborted: ['aborted'],
}

/** The parameters of `GET /tasks`. */
export function toParameters({
  filter,
  order,
  search,
}: ListQuery): NonNullable<Arguments<'listTasks'>['query']> {
  const statuses = STATUSES[filter]
  return {
    order: order === 'oldest' ? '0' : '1',
    ...(order === 'finished' && { sort: 'finished' }),
    ...(statuses.length > 0 && { status: statuses.join(',') }),
    ...(search.trim() && { search: search.trim() }),
  }
}

/** The query as the address of the view has it, without what is the default. */
export function toAddress(query: ListQuery): string {
  const differing = (Object.keys(DEFAULT_QUERY) as (keyof ListQuery)[]).filter(
    (name) => query[name] !== DEFAULT_QUERY[name],
  )
  return new URLSearchParams(differing.map((name) => [name, query[name]])).toString()
}

/** The query of an address; what it does not know is the default. */
export function fromAddress(text: string): ListQuery {
  const search = new URLSearchParams(text)
  return {
    filter: FILTERS.find((name) => name === search.get('filter')) ?? DEFAULT_QUERY.filter,
    order: ORDERS.find((name) => name === search.get('order')) ?? DEFAULT_QUERY.order,
    search: (search.get('search') ?? '').slice(0, 100),
  }
}

/** Whether the service would return a task for the query. */
export function matches(
  { status, name, outputs, finished_at }: TaskRow,
  { filter, order, search }: ListQuery,
): boolean {
  const statuses = STATUSES[filter]
  if (statuses.length > 0 && !statuses.includes(status)) return false
  if (order === 'finished' && finished_at === null) return false
  const text = search.trim().toLowerCase()
  return [name ?? '', ...outputs.map((output) => output.name)].some((one) => one.toLowerCase().includes(text))
}

/** Whether `a` comes before `b`. */
export function isBefore(a: TaskRow, b: TaskRow, order: ListQuery['order']): boolean {
  if (order === 'oldest') return a.created_at < b.created_at
  if (order === 'finished') return (a.finished_at ?? '') > (b.finished_at ?? '')
  return a.created_at > b.created_at
}
