import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { Express } from 'express'
import { CutroomError } from '../errors.ts'
import type { Logger } from '../observability/logger.ts'
import { type ClientLimits, DEFAULT_CLIENT_LIMITS, refuseSlowClients } from './slow-clients.ts'

export type { ClientLimits } from './slow-clients.ts'

export type RunningServer = {
  port: number
  /**
   * Takes no new connections, lets the requests under way end for at most `graceMs`, then cuts what is left.
   */
  drain(graceMs: number): Promise<void>
}

/** Serves an app. Rejects when the port cannot be had. */
export async function listen(
  app: Express,
  { port, host }: { port: number; host: string },
  pace: ClientLimits = DEFAULT_CLIENT_LIMITS,
): Promise<RunningServer> {
  const server = createServer(
    {
      // Longer than a load balancer keeps idle connections: the one who closes first can lose a request.
      keepAliveTimeout: 620_000,
      // Node's own limit would be on the whole of a request; the pace is asked for instead.
      requestTimeout: 0,
      headersTimeout: pace.headersTimeoutMs,
      connectionsCheckingInterval: pace.headersTimeoutMs / 2,
    },
    app,
  )
  refuseSlowClients(server, pace)
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
  const cut = setTimeout(() => server.closeAllConnections(), graceMs)
  await closed
  clearTimeout(cut)
}

/**
 * Runs `stop` once, at SIGTERM, SIGINT or when the parent process goes away, then exits: with 0 when it
 * ended well, with 1 when it failed or took more than `limitMs`. Cloud Run kills 10 s after SIGTERM.
 */
export function stopOnSignal(stop: () => Promise<void>, log: Logger, limitMs = 9_500): void {
  let stopping = false
  const begin = async (reason: string) => {
    if (stopping) return
    stopping = true
    log.info('stopping', { reason })
    setTimeout(() => {
      log.error('stopping took too long', { limitMs })
      process.exit(1)
    }, limitMs).unref()
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
  process.once('disconnect', () => begin('parent gone'))
}

/** The error for requests that come while a service is shutting down. */
export const stoppingError = () =>
  new CutroomError('service.stopping', 'This instance is shutting down; try again.', {
    headers: { 'Retry-After': '1' },
  })
