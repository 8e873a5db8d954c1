/** Undo and redo of whole states. */

export type History<T> = { past: readonly T[]; future: readonly T[] }

const MAX_STEPS = 200

export const emptyHistory = { past: [], future: [] } as const

/** A change has been made; `before` is the state that it changed. What could be redone is gone. */
export const recorded = <T>({ past }: History<T>, before: T): History<T> => ({
  past: [...past, before].slice(-MAX_STEPS),
  future: [],
})

/** The state before the last change and the history then, or undefined when there is none. `now` can be redone. */
export function undone<T>(
  { past, future }: History<T>,
  now: T,
): { state: T; history: History<T> } | undefined {
  if (past.length === 0) return undefined
  const state = past[past.length - 1] as T
  return { state, history: { past: past.slice(0, -1), future: [now, ...future] } }
}

/** The state that the last undo left, and the history then; undefined when there is none. */
export function redone<T>(
  { past, future }: History<T>,
  now: T,
): { state: T; history: History<T> } | undefined {
  if (future.length === 0) return undefined
  const state = future[0] as T
  return { state, history: { past: [...past, now], future: future.slice(1) } }
}
