import { setTimeout as sleep } from 'node:timers/promises'
import type { Service } from './child.ts'

const POLL_MS = 100
const PATIENCE_MS = 60_000
/** Deaths before the first readiness after which waiting is pointless. */
const HOPELESS = 3

/**
 * Waits until a service answers 200 at `url`. Rejects when it keeps dying or takes more than a minute, and with
 * the signal's reason when that is aborted.
 */
export async function waitUntilReady(service: Service, url: string, signal: AbortSignal): Promise<void> {
  const began = Date.now()
  while (!(await isReady(url))) {
    signal.throwIfAborted()
    if (service.deaths() >= HOPELESS)
      throw new Error(`${service.name} keeps ending as soon as it starts; see above.`)
    if (Date.now() - began > PATIENCE_MS)
      throw new Error(`${service.name} was not ready within a minute: ${url}`)
    await sleep(POLL_MS, undefined, { signal }).catch(() => undefined)
  }
}

async function isReady(url: string): Promise<boolean> {
  const reply = await fetch(url, { signal: AbortSignal.timeout(5_000) }).catch(() => undefined)
  await reply?.body?.cancel()
  return reply?.status === 200
}
