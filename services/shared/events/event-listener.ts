import type { Database } from '../database/database.ts'
import { watchChannel } from '../database/watch-channel.ts'
import type { Logger } from '../observability/logger.ts'

/** NOTIFY channel of the triggers that write events; the payload is the id of the user. */
const EVENTS_CHANNEL = 'cutroom_event'

export type EventListener = {
  /** Calls `onEvent` soon after an event of the user, until the returned function is called. Calls can be missed or repeated. */
  watch(userId: string, onEvent: () => void): () => void
  close(): Promise<void>
}

/** Shares one LISTEN connection in the whole process, opened by the first `watch` and reopened when lost. */
export const listenForEvents = (database: Database, log: Logger, reconnectMs?: number): EventListener =>
  watchChannel(database, EVENTS_CHANNEL, {
    parse: (payload) => ({ key: payload, change: undefined }),
    onConnected: (onEvent) => onEvent(undefined),
    log,
    reconnectMs,
  })
