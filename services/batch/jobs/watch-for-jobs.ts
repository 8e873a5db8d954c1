import type { Database } from '#shared/database/database.ts'
import { keepListening } from '#shared/database/keep-listening.ts'
import type { Logger } from '#shared/observability/logger.ts'
import { READY_JOBS_CHANNEL } from '#shared/tasks/ready-jobs.ts'

/**
 * Calls `wake` when jobs become ready: at each notification, after each connection, because notifications may have been
 * missed before it, and every `pollMs` on average, because those of jobs that were delayed or lost are never sent.
 *
 * @returns ends the calls; resolves when the connection is closed
 */
export function watchForJobs(
  database: Pick<Database, 'openClient'>,
  wake: () => void,
  { pollMs, log }: { pollMs: number; log: Logger },
): () => Promise<void> {
  const stopListening = keepListening(database, READY_JOBS_CHANNEL, {
    onNotification: wake,
    onConnected: wake,
    log,
  })
  const poll = () => {
    wake()
    timer = setTimeout(poll, withJitter(pollMs))
  }
  let timer = setTimeout(poll, withJitter(pollMs))
  return () => {
    clearTimeout(timer)
    return stopListening()
  }
}

/** Between a half and one and a half, so that workers started together do not poll together. */
const withJitter = (ms: number) => ms * (0.5 + Math.random())
