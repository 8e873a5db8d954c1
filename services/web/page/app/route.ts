import { computed, signal } from '@preact/signals'

/** Views are addressed behind `#`: the paths of the service belong to its API. */
const hash = signal(location.hash)
addEventListener('hashchange', () => {
  hash.value = location.hash
})

export const SECTIONS = ['profile', 'sessions', 'keys', 'activity'] as const
export type Section = (typeof SECTIONS)[number]

export type Route =
  | { view: 'start' | 'forgot' }
  /** `query` as after `?`. */
  | { view: 'tasks'; query: string }
  | { view: 'task'; id: string }
  | { view: 'account'; section: Section }
  /** From the links of e-mails. */
  | { view: 'verify' | 'reset'; token: string }

export const route = computed<Route>(() => toRoute(hash.value))

function toRoute(path: string): Route {
  const [plain = '', query = ''] = path.split('?')
  const [, view, detail = ''] = plain.split('/')
  switch (view) {
    case 'tasks':
      return detail ? { view: 'task', id: detail } : { view, query }
    case 'account':
      return { view, section: SECTIONS.find((name) => name === detail) ?? 'profile' }
    case 'verify':
    case 'reset':
      return { view, token: detail }
    case 'forgot':
      return { view }
    default:
      return { view: 'start' }
  }
}

/** Another address for the same view, without a step in the history. */
export const replacePath = (path: string): void => {
  history.replaceState(null, '', `#${path}`)
  hash.value = location.hash
}

export const go = (path: string): void => {
  location.hash = path
}
