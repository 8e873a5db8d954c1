import { computed, signal } from '@preact/signals'

/** Views are addressed behind `#`: the paths of the service belong to its API. */
const hash = signal(location.hash)
addEventListener('hashchange', () => {
  hash.value = location.hash
})

export type Route = { view: 'start' } | { view: 'tasks' } | { view: 'task'; id: string }

export const route = computed<Route>(() => {
  const [, view, id] = hash.value.split('/')
  if (view === 'tasks' && id) return { view: 'task', id }
  return { view: view === 'tasks' ? 'tasks' : 'start' }
})

export const go = (path: string): void => {
  location.hash = path
}
