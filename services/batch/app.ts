import express, { type Express, type Request } from 'express'
import { errorHandler, notFoundHandler } from '#shared/http/problems.ts'
import { logOf, requestContext } from '#shared/http/request-context.ts'
import type { Logger } from '#shared/observability/logger.ts'
import { jobMetrics, measureRequests, readMetrics } from '#shared/observability/metrics.ts'
import type { DryRunner } from './dry-run/dry-run.ts'
import { readDryRunRequest } from './dry-run/read-request.ts'
import type { ClaimLoop } from './jobs/claim-loop.ts'
import type { Maintenance } from './jobs/maintenance.ts'
import { readPush } from './push/envelope.ts'
import { replyStatus } from './push/reply.ts'
import type { PushVerifier } from './push/verify-push.ts'

export type BatchDeps = {
  log: Logger
  /** The Google Cloud project that traces belong to; empty outside the cloud. */
  project: string
  verifyPush: PushVerifier
  jobs: Pick<ClaimLoop, 'run'>
  maintenance: Pick<Maintenance, 'run' | 'recordDeadLetter'>
  dryRunner: Pick<DryRunner, 'dryRun'>
  /** Throws when database or storage do not respond. */
  checkReady(): Promise<unknown>
}

/** The batch service. A push starts work on jobs; dry runs are here too, because ffprobe is. */
export function createBatchApp(deps: BatchDeps): Express {
  const app = express()
  app.disable('x-powered-by')
  app.use(requestContext(deps.log, deps.project), measureRequests)
  mountMonitoring(app, deps)

  app.use(async (req, _res, next) => {
    await deps.verifyPush(authorization(req))
    next()
  })
  mountPush(app, deps)
  app.post('/dry-run', express.json({ limit: '512kb' }), async (req, res) => {
    const gone = new AbortController()
    res.once('close', () => gone.abort(new Error('The caller of the dry run has disconnected.')))
    res.json(await deps.dryRunner.dryRun(readDryRunRequest(req.body), gone.signal))
  })
  app.post('/sweep', async (_req, res) => {
    const counts = await deps.maintenance.run()
    for (const [action, count] of Object.entries(counts)) jobMetrics.maintenance.inc({ action }, count)
    res.json(counts)
  })

  app.use(notFoundHandler, errorHandler)
  return app
}

function mountMonitoring(app: Express, { checkReady }: BatchDeps) {
  app.get('/health/live', (_req, res) => void res.json({ status: 'ok' }))
  app.get('/health/ready', async (_req, res) => {
    await checkReady()
    res.json({ status: 'ok' })
  })
  app.get('/metrics', async (_req, res) => {
    const { text, contentType } = await readMetrics()
    res.type(contentType).send(text)
  })
}

function mountPush(app: Express, { jobs, maintenance }: BatchDeps) {
  // Read as text: a body that is not JSON must be acknowledged, or the queue would push it again and again.
  const body = express.text({ type: () => true, limit: '64kb' })

  app.post('/push', body, async (req, res) => {
    const push = readPush(req.body)
    if ('unreadable' in push) {
      logOf(res).error('push names no job', { reason: push.unreadable })
      jobMetrics.outcomes.inc({ outcome: 'unreadable' })
      res.status(replyStatus('unreadable')).end()
    } else {
      res.status(replyStatus(await jobs.run(push.jobId))).end()
    }
  })
  app.post('/dead-letters', body, async (req, res) => {
    const push = readPush(req.body)
    const found = 'unreadable' in push ? 'unreadable' : await maintenance.recordDeadLetter(push.jobId)
    logOf(res).warn('dead letter', { ...push, found })
    res.status(204).end()
  })
}

/**
 * The caller's credentials as an Authorization header. The Pub/Sub emulator sends no such header but keeps a query,
 * so with the emulator the shared secret is part of the push URL. The cloud's configuration forbids that secret.
 */
const authorization = (req: Request): string | undefined =>
  req.get('Authorization') ?? (typeof req.query.token === 'string' ? `Bearer ${req.query.token}` : undefined)
