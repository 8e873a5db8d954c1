import express, { type Express, type RequestHandler, type Response } from 'express'
import { type KnownRoute, methodNotAllowed } from '#shared/http/method-not-allowed.ts'
import { requireMetricsToken } from '#shared/http/metrics-access.ts'
import { errorHandler, notFoundHandler } from '#shared/http/problems.ts'
import { logOf, requestContext } from '#shared/http/request-context.ts'
import { securityHeaders } from '#shared/http/security-headers.ts'
import { strictHttp } from '#shared/http/strict-http.ts'
import { traceRequests } from '#shared/http/trace-requests.ts'
import { whileConnected } from '#shared/http/while-connected.ts'
import type { Logger } from '#shared/observability/logger.ts'
import { jobMetrics, measureRequests, readMetrics } from '#shared/observability/metrics.ts'
import { traced } from '#shared/observability/tracing.ts'
import type { DryRunner } from './dry-run/dry-run.ts'
import { readDryRunRequest } from './dry-run/read-request.ts'
import { type Inspector, readInspectRequest } from './inspect/inspector.ts'
import type { ClaimLoop } from './jobs/claim-loop.ts'
import type { Maintenance } from './jobs/maintenance.ts'
import { readSourceRequest, type SourceReader } from './preview/source-reader.ts'
import { readPush } from './push/envelope.ts'
import { replyStatus } from './push/reply.ts'
import type { BatchRole, CallerVerifier } from './push/verify-caller.ts'
import type { SourceBlock } from './sources/read-block.ts'

export type BatchDeps = {
  log: Logger
  /** The Google Cloud project that traces belong to; empty outside the cloud. */
  project: string
  verifyCaller: CallerVerifier
  /** Bearer token for /metrics, which does not exist without one: metrics on a port of their own are served elsewhere. */
  metricsToken: string | undefined
  jobs: Pick<ClaimLoop, 'run'>
  maintenance: Pick<Maintenance, 'run' | 'recordDeadLetter'>
  dryRunner: Pick<DryRunner, 'dryRun'>
  inspector: Pick<Inspector, 'inspect'>
  sourceReader: Pick<SourceReader, 'read'>
  /** Throws when database or storage do not respond. */
  checkReady(): Promise<unknown>
}

/**
 * The batch service. A push starts work on jobs; dry runs and inspections are here too, because the media tools are, and reads
 * of sources for previews, because no other service connects to users' URLs.
 */
export function createBatchApp(deps: BatchDeps): Express {
  const app = express()
  app.disable('x-powered-by')
  app.use(traceRequests, requestContext(deps.log, deps.project), measureRequests)
  // Only other services call batch, and they follow no HSTS.
  app.use(securityHeaders({ isTls: false }), strictHttp)
  mountMonitoring(app, deps)
  mountPush(app, deps)
  app.post('/dry-run', requireRole('dryRun', deps), express.json({ limit: '512kb' }), async (req, res) => {
    await whileConnected(res, async (closed) =>
      res.json(await deps.dryRunner.dryRun(readDryRunRequest(req.body), closed)),
    )
  })
  app.post('/inspect', requireRole('dryRun', deps), express.json({ limit: '512kb' }), async (req, res) => {
    await whileConnected(res, async (closed) =>
      res.json(await deps.inspector.inspect(readInspectRequest(req.body), closed)),
    )
  })
  app.post(
    '/read-source',
    requireRole('dryRun', deps),
    express.json({ limit: '512kb' }),
    async (req, res) => {
      // Players leave whenever they seek.
      await whileConnected(res, async (closed) =>
        sendBlock(res, await deps.sourceReader.read(readSourceRequest(req.body), closed)),
      )
    },
  )
  app.post('/sweep', requireRole('sweep', deps), async (_req, res) => {
    const counts = await deps.maintenance.run()
    for (const [action, count] of Object.entries(counts)) jobMetrics.maintenance.inc({ action }, count)
    res.json(counts)
  })

  app.use(methodNotAllowed(ROUTES), notFoundHandler, errorHandler)
  return app
}

const ROUTES: KnownRoute[] = [
  ...['/push', '/dead-letters', '/dry-run', '/inspect', '/read-source', '/sweep'].map((path) => ({
    method: 'post',
    path,
  })),
  ...['/health/live', '/health/ready'].map((path) => ({ method: 'get', path })),
]

/** `X-Source-Type` is what the host calls the file; web decides what it calls the bytes. */
function sendBlock(res: Response, { start, size, contentType, bytes }: SourceBlock) {
  const range = `bytes ${start}-${start + bytes.length - 1}/${size}`
  res.status(206).set({ 'Content-Range': range, 'Content-Type': 'application/octet-stream' })
  const type = MEDIA_TYPE.exec(contentType ?? '')?.[1]
  if (type !== undefined) res.set('X-Source-Type', type)
  res.end(bytes)
}

const MEDIA_TYPE = /^\s*([\w.+-]+\/[\w.+-]+)/

/** Checked before a body is read. */
const requireRole =
  (role: BatchRole, { verifyCaller }: Pick<BatchDeps, 'verifyCaller'>): RequestHandler =>
  async (req, _res, next) => {
    const { token } = req.query
    const queryToken = typeof token === 'string' ? token : undefined
    await verifyCaller({ authorization: req.get('Authorization'), queryToken }, role)
    next()
  }

function mountMonitoring(app: Express, { checkReady, metricsToken }: BatchDeps) {
  app.get('/health/live', (_req, res) => void res.json({ status: 'ok' }))
  app.get('/health/ready', async (_req, res) => {
    await checkReady()
    res.json({ status: 'ok' })
  })
  app.get('/metrics', async (req, res) => {
    requireMetricsToken(req, metricsToken)
    const { text, contentType } = await readMetrics()
    res.type(contentType).send(text)
  })
}

function mountPush(app: Express, { jobs, maintenance, verifyCaller }: BatchDeps) {
  const mayPush = requireRole('push', { verifyCaller })
  // Read as text: a body that is not JSON must be acknowledged, or the queue would push it again and again.
  const body = express.text({ type: () => true, limit: '64kb' })

  app.post('/push', mayPush, body, async (req, res) => {
    const push = readPush(req.body)
    if ('unreadable' in push) {
      logOf(res).error('push names no job', { reason: push.unreadable })
      jobMetrics.outcomes.inc({ outcome: 'unreadable' })
      res.status(replyStatus('unreadable')).end()
    } else {
      const options = { kind: 'consumer', parent: push.traceparent } as const
      const outcome = await traced('process message', options, () => jobs.run(push.jobId))
      res.status(replyStatus(outcome)).end()
    }
  })
  app.post('/dead-letters', mayPush, body, async (req, res) => {
    const push = readPush(req.body)
    const found = 'unreadable' in push ? 'unreadable' : await maintenance.recordDeadLetter(push.jobId)
    logOf(res).warn('dead letter', { ...push, found })
    res.status(204).end()
  })
}
