import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { Express } from 'express'
import type { Logger } from '../observability/logger.ts'
import { type ClientLimits, DEFAULT_CLIENT_LIMITS, rejectSlowClients } from './slow-clients.ts'

export type { ClientLimits } from './slow-clients.ts'

export type RunningServer = {
  /** The port that was bound, also when port 0 asked for any free one. */
  port: number
  /** Stops accepting connections, waits up to `graceMs` for open requests, then destroys what remains. */
  drain(graceMs: number): Promise<void>
}

/**
 * Serves an app.
 * @throws Error of Node, such as EADDRINUSE, when the port cannot be bound.
 */
export async function listen(
  app: Express,
  { port, host }: { port: number; host: string },
  limits: ClientLimits = DEFAULT_CLIENT_LIMITS,
): Promise<RunningServer> {
  const server = createServer(
    {
      // Longer than the 600 s of Google's load balancers: if the server closed first, it could lose a request.
      // https://cloud.google.com/load-balancing/docs/https#timeouts_and_retries
      keepAliveTimeout: 620_000,
      // Node's own limit applies to the whole request. Slow bodies are detected by their rate instead.
      requestTimeout: 0,
      headersTimeout: limits.headersTimeoutMs,
      connectionsCheckingInterval: limits.headersTimeoutMs / 2,
    },
    app,
  )
  rejectSlowClients(server, limits)
  server.listen(port, host)
  await once(server, 'listening')
  const address = server.address()
  return {
    port: typeof address === 'object' ? (address?.port ?? port) : port,
    drain: (ms) => drain(server, ms),
  }
}

async function drain(server: Server, graceMs: number) {
  const closed = once(server, 'close')
  server.close()
  server.closeIdleConnections()
  const timer = setTimeout(() => server.closeAllConnections(), graceMs)
  await closed
  clearTimeout(timer)
}

/** Cloud Run sends SIGKILL 10 s after SIGTERM: https://cloud.google.com/run/docs/container-contract#lifecycle */
export const STOP_TIMEOUT_MS = 9_500

/**
 * Calls `stop` once, on SIGTERM, on SIGINT, when the parent process has exited, or when the function that is returned is called
 * with another reason. Then exits with code 0, or with 1 when `stop` rejected or took longer than `timeoutMs`.
 */
export function stopOnSignal(
  stop: () => Promise<void>,
  log: Logger,
  timeoutMs = STOP_TIMEOUT_MS,
): (reason: string) => Promise<void> {
  let stopping = false
  const begin = async (reason: string) => {
    if (stopping) return
    stopping = true
    log.info('stopping', { reason })
    setTimeout(() => {
      log.error('stopping timed out', { timeoutMs })
      process.exit(1)
    }, timeoutMs).unref()
    try {
      await stop()
      log.info('stopped')
      process.exit(0)
    } catch (error) {
      log.error('stopping failed', { error })
      process.exit(1)
    }
  }
  process.once('SIGTERM', () => begin('SIGTERM'))
  process.once('SIGINT', () => begin('SIGINT'))
  process.once('disconnect', () => begin('parent process exited'))
  return begin
}
