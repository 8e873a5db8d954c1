import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from '../observability/logger.ts'
import type { Database } from './database.ts'

/** NOTIFY channel; the payload is the id of the task that changed. */
export const TASK_CHANGES_CHANNEL = 'cutroom_task'

export type TaskChangeListener = {
  /**
   * Calls `onChange` soon after a task has changed, until the returned function is called. Calls can be missed or
   * repeated: read the task's row to learn what changed.
   */
  watch(taskId: string, onChange: () => void): () => void
  close(): Promise<void>
}

/**
 * Shares one LISTEN connection in the whole process, opened by the first `watch` and reopened when lost.
 * Notifications are hints: a caller that must not miss a change also polls the row.
 */
export function listenForTaskChanges(
  database: Database,
  log: Logger,
  reconnectMs = 2_000,
): TaskChangeListener {
  const listeners = new Map<string, Set<() => void>>()
  const closing = new AbortController()
  let listening: Promise<void> | undefined

  async function listen() {
    while (!closing.signal.aborted) {
      try {
        await listenOnce()
      } catch (error) {
        log.warn('task change listener disconnected', { error })
      }
      await sleep(reconnectMs, undefined, { signal: closing.signal }).catch(ignoreAbort)
    }
  }

  async function listenOnce() {
    const client = await database.openClient()
    const lost = new Promise<void>((resolve) => {
      client.on('error', () => resolve())
      client.on('end', () => resolve())
      closing.signal.addEventListener('abort', () => resolve(), { once: true })
    })
    client.on('notification', ({ payload = '' }) => {
      for (const onChange of listeners.get(payload) ?? []) onChange()
    })
    await client.query(`LISTEN ${TASK_CHANGES_CHANNEL}`)
    await lost
    await client.end().catch((error) => log.debug('task change listener did not close cleanly', { error }))
  }

  return {
    watch(taskId, onChange) {
      listening ??= listen()
      const ofTask = listeners.get(taskId) ?? new Set()
      listeners.set(taskId, ofTask.add(onChange))
      return () => {
        ofTask.delete(onChange)
        if (ofTask.size === 0) listeners.delete(taskId)
      }
    },
    async close() {
      closing.abort()
      await listening
    },
  }
}

function ignoreAbort(error: unknown) {
  if (!(error instanceof Error) || error.name !== 'AbortError') throw error
}
