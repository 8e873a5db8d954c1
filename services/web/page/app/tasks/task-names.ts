import type { Task } from '#shared/contract/tasks.ts'

/** Names of tasks, which the service does not know: after the files and links that they were made of. Kept in this browser. */

const STORAGE_KEY = 'cutroom.names'
const MAX_KEPT = 300

export function rememberName(taskId: string, name: string): void {
  const kept = Object.entries({ ...all(), [taskId]: name }).slice(-MAX_KEPT)
  localStorage.setItem(STORAGE_KEY, JSON.stringify(Object.fromEntries(kept)))
}

export const rememberedName = (taskId: string): string | undefined => all()[taskId]

export const forgetNames = (): void => localStorage.removeItem(STORAGE_KEY)

function all(): Record<string, string> {
  try {
    return JSON.parse(localStorage.getItem(STORAGE_KEY) ?? '{}')
  } catch {
    return {}
  }
}

/** A link by its last part: `https://example.com/a/holiday.mp4?x=1` → `holiday.mp4`. */
export function nameOfUrl(url: string): string {
  const { pathname, hostname } = new URL(url)
  const last = pathname.split('/').at(-1) ?? ''
  try {
    return decodeURIComponent(last) || hostname
  } catch {
    return last
  }
}

/** Several sources by the first and how many more there are. */
export const joinedName = (names: string[]): string =>
  names.length > 1 ? `${names[0]} + ${names.length - 1}` : (names[0] ?? '')

/** The links of a recipe by name; undefined when its first source is an upload. */
export function nameOfLinks({ recipe: { sources } }: Pick<Task, 'recipe'>): string | undefined {
  const url = sources[0]?.url
  return url && joinedName([nameOfUrl(url), ...sources.slice(1).map(() => '')])
}
