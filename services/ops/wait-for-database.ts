import type { Query } from '#shared/database/database.ts'
import { isUnreachable } from '#shared/database/is-unreachable.ts'
import type { Logger } from '#shared/observability/logger.ts'

/**
 * How long a command waits for its first connection, in ms. Google allows "a minute or more" until an instance reaches its VPC
 * network: https://cloud.google.com/run/docs/configuring/vpc-direct-vpc
 */
export const CLOUD_SQL_TIMEOUT_MS = 240_000
const PAUSE_MS = 2_000

/** The clock, and what waits on it; replaced in tests. */
export type Clock = { now(): number; sleep(ms: number): Promise<void> }
const realClock: Clock = {
  now: () => performance.now(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
}

/**
 * Waits until Postgres answers.
 *
 * @throws the last error, when Postgres has not been reached after `timeoutMs`; any other error at once
 */
export async function waitForDatabase(
  query: Query,
  log: Logger,
  timeoutMs: number,
  clock: Clock = realClock,
): Promise<void> {
  const start = clock.now()
  for (;;) {
    try {
      await query('SELECT 1')
      return
    } catch (error) {
      const isTimeLeft = clock.now() - start + PAUSE_MS <= timeoutMs
      if (!isUnreachable(error) || !isTimeLeft) throw error
      log.info('waiting for the database', { seconds: Math.round((clock.now() - start) / 1000) })
      await clock.sleep(PAUSE_MS)
    }
  }
}
