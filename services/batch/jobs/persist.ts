import { setTimeout as sleep } from 'node:timers/promises'
import { asCutroomError } from '#shared/errors.ts'
import type { Logger } from '#shared/observability/logger.ts'

const pauseMs = 250

/**
 * Writes what was worked for, also when the database is away for a moment: a restart takes seconds, the work
 * took minutes. Gives up with the last error after `patienceMs`, when somebody else may hold the job anyway.
 * `write` must bear being called again after it went through.
 */
export async function persist<T>(write: () => Promise<T>, patienceMs: number, log: Logger): Promise<T> {
  const givesUpAt = performance.now() + patienceMs
  for (;;) {
    try {
      return await write()
    } catch (error) {
      if (asCutroomError(error).code !== 'database.unavailable' || performance.now() > givesUpAt) throw error
      log.warn('recording the end is tried again', { error })
      await sleep(pauseMs)
    }
  }
}
