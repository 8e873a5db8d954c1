import type { TaskSummary } from '#shared/contract/tasks.ts'

type ListedTask = Pick<TaskSummary, 'id' | 'created_at'>

/** The fresh first page over what was loaded before: new tasks come first, known ones are replaced, none is doubled. */
export function mergeNewest<Row extends ListedTask>(known: readonly Row[], newest: readonly Row[]): Row[] {
  const fresh = new Map(newest.map((task) => [task.id, task]))
  const kept = known.filter(({ id }) => !fresh.has(id))
  const oldest = newest.at(-1)
  // Behind the page nothing is known to have changed; inside its time span, what is missing was deleted.
  return [...newest, ...kept.filter((task) => !oldest || task.created_at <= oldest.created_at)]
}

/** A further page behind what is known. */
export function append<Row extends ListedTask>(known: readonly Row[], page: readonly Row[]): Row[] {
  const ids = new Set(known.map(({ id }) => id))
  return [...known, ...page.filter(({ id }) => !ids.has(id))]
}

export const isActive = ({ status }: Pick<TaskSummary, 'status'>): boolean =>
  status === 'queued' || status === 'running'
