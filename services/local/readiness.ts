import { setTimeout as sleep } from 'node:timers/promises'
import type { Service } from './child.ts'

const POLL_MS = 100
const TIMEOUT_MS = 60_000
/** A service that has died this often before it was ready will not become ready. */
const MAX_DEATHS = 3

/**
 * Waits until a service answers 200 at `url`. Rejects when it keeps dying or is not ready within a minute, and with the
 * signal's reason after an abort.
 */
export async function waitUntilReady(service: Service, url: string, signal: AbortSignal): Promise<void> {
  const startedAt = Date.now()
  while (!(await isReady(url))) {
    signal.throwIfAborted()
    if (service.deaths() >= MAX_DEATHS) {
      throw new Error(`The ${service.name} service exits as soon as it starts; see its log above.`)
    }
    if (Date.now() - startedAt > TIMEOUT_MS) {
      throw new Error(
        `The ${service.name} service was not ready within a minute (${url}); see its log above.`,
      )
    }
    await sleep(POLL_MS, undefined, { signal }).catch(() => undefined)
  }
}

async function isReady(url: string): Promise<boolean> {
  const reply = await fetch(url, { signal: AbortSignal.timeout(5_000) }).catch(() => undefined)
  await reply?.body?.cancel()
  return reply?.status === 200
}
