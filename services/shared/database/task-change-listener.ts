import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from '../observability/logger.ts'
import type { Database } from './database.ts'

/** The NOTIFY channel whose payload is the id of a task that has just changed. */
export const TASK_CHANGES_CHANNEL = 'cutroom_task'

export type TaskChangeListener = {
  /** Calls back soon after a task changed. Calls can be missed or doubled: ask the row, not the call. */
  watch(taskId: string, changed: () => void): () => void
  close(): Promise<void>
}

/**
 * One LISTEN connection for the whole process, opened when somebody first watches and opened again when lost.
 * A hint only: whoever must be certain looks at the row from time to time as well.
 */
export function listenForTaskChanges(
  database: Database,
  log: Logger,
  reconnectMs = 2_000,
): TaskChangeListener {
  const watchers = new Map<string, Set<() => void>>()
  const closing = new AbortController()
  let listening: Promise<void> | undefined

  async function listen() {
    while (!closing.signal.aborted) {
      try {
        await listenOnce()
      } catch (error) {
        log.warn('listening for task changes was interrupted', { error })
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
      for (const changed of watchers.get(payload) ?? []) changed()
    })
    await client.query(`LISTEN ${TASK_CHANGES_CHANNEL}`)
    await lost
    await client.end().catch((error) => log.debug('the listening connection did not end cleanly', { error }))
  }

  return {
    watch(taskId, changed) {
      listening ??= listen()
      const own = watchers.get(taskId) ?? new Set()
      watchers.set(taskId, own.add(changed))
      return () => {
        own.delete(changed)
        if (own.size === 0) watchers.delete(taskId)
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
