import { setTimeout as sleep } from 'node:timers/promises'
import type { Database } from '#shared/database/database.ts'
import { keepListening } from '#shared/database/keep-listening.ts'
import type { Logger } from '#shared/observability/logger.ts'
import { WEBHOOKS_CHANNEL } from '#shared/webhooks/due-deliveries.ts'

/** Notifications of a burst of events are answered together. */
const GATHER_MS = 100

/**
 * Sends deliveries as soon as they are queued, one round at a time. What fails, or is not notified, is left to the sweep.
 *
 * @returns ends that; resolves when the connection is closed
 */
export function watchForDeliveries(
  database: Pick<Database, 'openClient'>,
  sendNew: () => Promise<void>,
  log: Logger,
): () => Promise<void> {
  const ended = new AbortController()
  let wanted = false
  let sending = false

  async function send() {
    wanted = true
    if (sending) return
    sending = true
    while (wanted && !ended.signal.aborted) {
      await sleep(GATHER_MS, undefined, { signal: ended.signal }).catch(() => undefined)
      wanted = false
      await sendNew()
    }
    sending = false
  }

  const stopListening = keepListening(database, WEBHOOKS_CHANNEL, {
    onNotification: () => void send(),
    log,
  })
  return () => {
    ended.abort()
    return stopListening()
  }
}
