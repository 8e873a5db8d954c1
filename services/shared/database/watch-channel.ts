import type { Logger } from '../observability/logger.ts'
import type { Database } from './database.ts'
import { keepListening } from './keep-listening.ts'

export type ChannelWatcher<Change> = {
  /** Calls `onChange` for the notifications of a key, until the returned function is called. Calls can be missed. */
  watch(key: string, onChange: (change: Change) => void): () => void
  close(): Promise<void>
}

export type WatchOptions<Change> = {
  /** Whom a notification is for, and what it says. */
  parse(payload: string): { key: string; change: Change }
  /** Called for every watcher after each connection: what happened before it was not notified. */
  onConnected?: (onChange: (change: Change) => void) => void
  log: Logger
  reconnectMs?: number | undefined
}

/**
 * Shares one LISTEN connection in the whole process, opened by the first `watch` and reopened when lost.
 * Notifications are hints: a caller that must not miss a change also polls.
 */
export function watchChannel<Change>(
  database: Pick<Database, 'openClient'>,
  channel: string,
  { parse, onConnected, log, reconnectMs }: WatchOptions<Change>,
): ChannelWatcher<Change> {
  const listeners = new Map<string, Set<(change: Change) => void>>()
  let stopListening: (() => Promise<void>) | undefined

  function onNotification(payload: string) {
    const { key, change } = parse(payload)
    for (const onChange of listeners.get(key) ?? []) onChange(change)
  }

  const callAll = () => {
    for (const ofKey of listeners.values()) for (const onChange of ofKey) onConnected?.(onChange)
  }

  return {
    watch(key, onChange) {
      stopListening ??= keepListening(database, channel, {
        onNotification,
        onConnected: callAll,
        log,
        reconnectMs,
      })
      const ofKey = listeners.get(key) ?? new Set()
      listeners.set(key, ofKey.add(onChange))
      return () => {
        ofKey.delete(onChange)
        if (ofKey.size === 0) listeners.delete(key)
      }
    },
    async close() {
      await stopListening?.()
    },
  }
}
