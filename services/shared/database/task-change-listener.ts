import type { Logger } from '../observability/logger.ts'
import type { Database } from './database.ts'
import { watchChannel } from './watch-channel.ts'

/** NOTIFY channel; the payload is the id of the task that changed, and PROGRESS_SUFFIX when it only made progress. */
export const TASK_CHANGES_CHANNEL = 'cutroom_task'
export const PROGRESS_SUFFIX = ' progress'

/** `progress`: jobs started, went on or were completed, which no other job need know. `state`: anything else. */
export type TaskChange = 'progress' | 'state'

export type TaskChangeListener = {
  /**
   * Calls `onChange` soon after a task has changed, until the returned function is called. Calls can be missed or
   * repeated: read the task's row to learn what changed.
   */
  watch(taskId: string, onChange: (change: TaskChange) => void): () => void
  close(): Promise<void>
}

/**
 * Shares one LISTEN connection in the whole process, opened by the first `watch` and reopened when lost.
 * Notifications are hints: a caller that must not miss a change also polls the row.
 */
export const listenForTaskChanges = (
  database: Database,
  log: Logger,
  reconnectMs?: number,
): TaskChangeListener =>
  watchChannel<TaskChange>(database, TASK_CHANGES_CHANNEL, {
    parse: (payload) => ({
      key: payload.replace(PROGRESS_SUFFIX, ''),
      change: payload.endsWith(PROGRESS_SUFFIX) ? 'progress' : 'state',
    }),
    log,
    reconnectMs,
  })
