import { isPortFree } from '#local/ports.ts'

/** Below the ports that systems give to outgoing connections, of which the proxies have many. */
let next = 20_000 + (process.pid % 1_000) * 10

/**
 * A free port that nothing else takes while the service it is for is down: a killed service must be able to come back, and
 * scenarios run at the same time.
 */
export async function lastingPort(): Promise<number> {
  for (;;) {
    const port = next++
    if (await isPortFree('127.0.0.1', port)) return port
  }
}
