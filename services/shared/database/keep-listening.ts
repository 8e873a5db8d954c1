import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from '../observability/logger.ts'
import type { Database } from './database.ts'

export type ListenOptions = {
  onNotification(payload: string): void
  /** Called after each connection, the first included: what happened before it was not notified. */
  onConnected?: () => void
  log: Logger
  /** Delay before a lost connection is opened again. */
  reconnectMs?: number | undefined
}

/**
 * LISTENs on a channel over a connection of its own, which is reopened when lost. Notifications are hints: those sent
 * while there was no connection are missed.
 *
 * @returns ends the connection, and resolves when that is done
 */
export function keepListening(
  database: Pick<Database, 'openClient'>,
  channel: string,
  { onNotification, onConnected, log, reconnectMs = 2_000 }: ListenOptions,
): () => Promise<void> {
  const closing = new AbortController()

  async function listen() {
    while (!closing.signal.aborted) {
      try {
        await listenOnce()
      } catch (error) {
        log.warn('listener disconnected', { channel, error })
      }
      await sleep(reconnectMs, undefined, { signal: closing.signal }).catch(() => undefined)
    }
  }

  async function listenOnce() {
    const client = await database.openClient()
    const ended = new AbortController()
    const lost = new Promise<void>((resolve) => {
      client.on('error', () => resolve())
      client.on('end', () => resolve())
      closing.signal.addEventListener('abort', () => resolve(), { once: true, signal: ended.signal })
    })
    try {
      client.on('notification', ({ payload = '' }) => onNotification(payload))
      await client.query(`LISTEN ${channel}`)
      onConnected?.()
      await lost
    } finally {
      ended.abort()
      // Also where LISTEN was refused, as by a standby: the open connection would count against the server's limit.
      await client.end().catch((error) => log.debug('listener did not close cleanly', { channel, error }))
    }
  }

  const listening = listen()
  return async () => {
    closing.abort()
    await listening
  }
}
