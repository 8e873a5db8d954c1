import { computed, signal } from '@preact/signals'
import { ApiError } from '#client/core.ts'
import type { BulkTasks } from '#shared/contract/tasks/bulk.ts'
import { changeTasks } from '../../api/operations.ts'
import { deselect, removeTasks } from './store.ts'

/**
 * Aborting and deleting tasks so that it can be undone: the request is sent after some seconds, or when the page is closed. Until
 * then nothing has happened.
 */

const UNDO_MS = 8_000
/** How many tasks the service changes at once. */
const MAX_BULK = 100

export type Change = Readonly<BulkTasks>

/** What can still be undone. */
export const pending = signal<Change | undefined>(undefined)
/** What could not be done, and why. */
export const failed = signal<{ change: Change; error: ApiError | undefined } | undefined>(undefined)
/** What is being sent. */
const sending = signal<readonly Change[]>([])

const idsOf = (action: Change['action']) =>
  computed(() => {
    const changes = [...(pending.value ? [pending.value] : []), ...sending.value]
    return new Set(changes.filter((one) => one.action === action).flatMap(({ ids }) => ids))
  })
/** Tasks that are no longer shown. */
export const beingDeleted = idsOf('delete')
/** Tasks that are shown as good as aborted. */
export const beingAborted = idsOf('abort')

let timer: ReturnType<typeof setTimeout> | undefined

/** Does this unless it is undone in time. What was pending before is done at once. */
export function schedule(action: Change['action'], ids: readonly string[]): void {
  if (ids.length === 0) return
  flush()
  failed.value = undefined
  pending.value = { action, ids: [...ids] }
  deselect(ids)
  resume()
}

export function undo(): void {
  hold()
  pending.value = undefined
}

/** Stops the clock, while a person is about to decide. */
export const hold = (): void => clearTimeout(timer)

export function resume(): void {
  hold()
  if (pending.peek()) timer = setTimeout(flush, UNDO_MS)
}

/** Sends what is pending. */
export function flush(): void {
  hold()
  const change = pending.peek()
  pending.value = undefined
  if (change) send(change)
}

addEventListener('pagehide', flush)

async function send(change: Change) {
  sending.value = [...sending.peek(), change]
  const { action, ids } = change
  try {
    const results = []
    for (let i = 0; i < ids.length; i += MAX_BULK) {
      results.push(...(await changeTasks({ action, ids: ids.slice(i, i + MAX_BULK) })))
    }
    removeTasks(results.filter(({ outcome }) => outcome === 'deleted').map(({ id }) => id))
    const others = results.filter(({ error }) => error && !isAsWanted(action, error.code))
    if (others.length > 0)
      failed.value = { change: { action, ids: others.map(({ id }) => id) }, error: undefined }
  } catch (thrown) {
    if (!(thrown instanceof ApiError)) throw thrown
    failed.value = { change, error: thrown }
  } finally {
    sending.value = sending.peek().filter((one) => one !== change)
  }
}

/** Someone or something else was faster. */
const isAsWanted = (action: Change['action'], code: string) =>
  code === 'task.not_found' || (action === 'abort' && code === 'task.finished')
