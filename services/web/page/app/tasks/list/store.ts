import { batch, effect, signal } from '@preact/signals'
import type { ApiError } from '#client/core.ts'
import type { Event } from '#shared/contract/events/events.ts'
import { listTasks } from '../../api/operations.ts'
import { apiError } from '../../api/request.ts'
import { isLoggedIn } from '../../api/session.ts'
import { append, isActive, mergeNewest } from '../task-list.ts'
import { applyEvent } from './apply-event.ts'
import { DEFAULT_QUERY, type ListQuery, type TaskRow, toAddress, toParameters } from './list-query.ts'

/** The list of tasks. It outlives its view, so that coming back from a task finds it as it was. */

const PAGE = 50
/** A search may return empty pages that have a next one. */
const MAX_EMPTY_PAGES = 5

/** Undefined until the first page is loaded. */
export const tasks = signal<readonly TaskRow[] | undefined>(undefined)
export const query = signal<ListQuery>(DEFAULT_QUERY)
export const nextPage = signal<string | null>(null)
export const error = signal<ApiError | undefined>(undefined)
export const isLoading = signal(false)
export const selected = signal<ReadonlySet<string>>(new Set())

/** Where the page is scrolled to. */
export const position = { top: 0 }

/** Replies to requests for an earlier query are ignored. */
let generation = 0

effect(() => {
  if (!isLoggedIn.value) reset(DEFAULT_QUERY)
})

/** Shows the tasks of a query. */
export function show(next: ListQuery): void {
  if (toAddress(next) !== toAddress(query.peek())) reset(next)
}

function reset(next: ListQuery) {
  generation += 1
  position.top = 0
  batch(() => {
    query.value = next
    tasks.value = undefined
    nextPage.value = null
    error.value = undefined
    isLoading.value = false
    selected.value = new Set()
  })
}

/** Loads the first page again, over what is shown. Returns whether a task of it is active. @throws ApiError */
export async function refresh(signal?: AbortSignal): Promise<boolean> {
  const current = generation
  try {
    const page = await listTasks({ ...toParameters(query.peek()), max: PAGE }, signal)
    if (current !== generation) return true
    batch(() => {
      error.value = undefined
      const known = tasks.peek()
      if (known === undefined) nextPage.value = page.next_page
      tasks.value = known === undefined ? page.tasks : merged(known, page.tasks)
    })
    return page.tasks.some(isActive)
  } catch (thrown) {
    if (current === generation && !signal?.aborted) error.value = apiError(thrown)
    throw thrown
  }
}

/** By creation alone, it is known what the first page replaces. */
function merged(known: readonly TaskRow[], newest: TaskRow[]): readonly TaskRow[] {
  if (query.peek().order === 'newest') return mergeNewest(known, newest)
  const fresh = new Map(newest.map((task) => [task.id, task]))
  return known.length <= PAGE ? newest : known.map((task) => fresh.get(task.id) ?? task)
}

/** Loads the next page, if there is one and it is not being loaded. */
export async function loadMore(): Promise<void> {
  if (isLoading.peek()) return
  const current = generation
  isLoading.value = true
  try {
    for (let i = 0; i < MAX_EMPTY_PAGES && nextPage.peek() !== null; i++) {
      const parameters = { ...toParameters(query.peek()), max: PAGE, page: nextPage.peek() ?? '' }
      const page = await listTasks(parameters)
      if (current !== generation) return
      batch(() => {
        tasks.value = append(tasks.peek() ?? [], page.tasks)
        nextPage.value = page.next_page
        error.value = undefined
      })
      if (page.tasks.length > 0) break
    }
  } catch (thrown) {
    if (current === generation) error.value = apiError(thrown)
  } finally {
    if (current === generation) isLoading.value = false
  }
}

export function apply(event: Event): void {
  const known = tasks.peek()
  if (!known) return
  tasks.value = applyEvent({ tasks: known, query: query.peek(), hasMore: nextPage.peek() !== null }, event)
  if (event.type === 'task.deleted') deselect([event.data.id])
}

/** Removes what was deleted, before its events arrive. */
export function removeTasks(ids: readonly string[]): void {
  const gone = new Set(ids)
  tasks.value = tasks.peek()?.filter(({ id }) => !gone.has(id))
}

export function select(ids: readonly string[]): void {
  selected.value = new Set([...selected.peek(), ...ids])
}

export function deselect(ids: readonly string[]): void {
  const gone = new Set(ids)
  if (ids.some((id) => selected.peek().has(id))) {
    selected.value = new Set([...selected.peek()].filter((id) => !gone.has(id)))
  }
}
