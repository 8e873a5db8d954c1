import express, { type Express } from 'express'
import type { Logger } from '../observability/logger.ts'
import { readMetrics } from '../observability/metrics.ts'
import { listen, type RunningServer } from './listen.ts'
import { requireMetricsToken } from './metrics-access.ts'
import { errorHandler, notFoundHandler } from './problems.ts'
import { requestContext } from './request-context.ts'
import { securityHeaders } from './security-headers.ts'

/** A scrape that is under way when the service stops may take so long to end. */
export const METRICS_DRAIN_MS = 1_000

type MetricsOptions = { host: string; metricsToken: string | undefined }

/**
 * Serves the metrics, and nothing else, on a port that need not be published: to everyone, or with METRICS_TOKEN to its
 * bearers. Without a port there is no server, and the service has /metrics on its public port.
 * @throws Error of Node, such as EADDRINUSE, when the port cannot be bound.
 */
export async function listenForMetrics(
  port: number | undefined,
  { host, metricsToken }: MetricsOptions,
  log: Logger,
): Promise<RunningServer | undefined> {
  if (port === undefined) return undefined
  const server = await listen(createMetricsApp(metricsToken, log), { port, host })
  log.info('metrics server listening', { port: server.port })
  return server
}

function createMetricsApp(metricsToken: string | undefined, log: Logger): Express {
  const app = express()
  app.disable('x-powered-by')
  app.use(requestContext(log, ''), securityHeaders({ isTls: false }))
  app.get('/metrics', async (req, res) => {
    if (metricsToken) requireMetricsToken(req, metricsToken)
    const { text, contentType } = await readMetrics()
    res.type(contentType).send(text)
  })
  app.use(notFoundHandler, errorHandler)
  return app
}
