import express, { type Express, type Request } from 'express'
import { errorHandler, notFoundHandler } from '#shared/http/problems.ts'
import { logOf, requestContext } from '#shared/http/request-context.ts'
import type { Logger } from '#shared/observability/logger.ts'
import { jobMetrics, measureRequests, readMetrics } from '#shared/observability/metrics.ts'
import type { SweepRepository } from '#shared/tasks/sweep-repository.ts'
import type { DryRunner } from './dry-run/dry-run.ts'
import { readDryRunRequest } from './dry-run/read-request.ts'
import type { JobSlots } from './jobs/job-slots.ts'
import type { SweepCounts } from './jobs/sweep.ts'
import { readPush } from './push/envelope.ts'
import { type PushOutcome, replyStatus } from './push/reply.ts'
import type { PushVerifier } from './push/verify-push.ts'

export type BatchDeps = {
  log: Logger
  project: string
  verify: PushVerifier
  slots: JobSlots
  process(jobId: string): Promise<PushOutcome>
  /** Announces a job that has waited for long, now that there is a place. Never throws. */
  republishWaiting(): Promise<void>
  /** Tells owners how tasks ended, now that one has. Takes seconds at most. Never throws. */
  notifySome(): Promise<void>
  sweep(): Promise<SweepCounts & { notified: number }>
  recordDeadLetter: SweepRepository['recordDeadLetter']
  dryRun: DryRunner['plan']
  /** Throws when database or storage do not answer. */
  check(): Promise<unknown>
  stopping: AbortSignal
}

/** The batch service: one push is one job. Web asks it for plans, since the tools that probe are here. */
export function createBatchApp(deps: BatchDeps): Express {
  const app = express()
  app.disable('x-powered-by')
  app.use(requestContext(deps.log, deps.project), measureRequests)

  app.get('/health/live', (_req, res) => void res.json({ status: 'ok' }))
  app.get('/health/ready', async (_req, res) => {
    await deps.check()
    res.json({ status: 'ok' })
  })
  app.get('/metrics', async (_req, res) => {
    const { text, contentType } = await readMetrics()
    res.type(contentType).send(text)
  })

  app.use(async (req, _res, next) => {
    await deps.verify(credentials(req))
    next()
  })
  // As text: a body that is no JSON must be acknowledged, not answered 400 again and again.
  app.post('/push', express.text({ type: () => true, limit: '64kb' }), async (req, res) => {
    const push = readPush(req.body)
    if ('unreadable' in push) logOf(res).error('push names no job', { reason: push.unreadable })
    const outcome = 'unreadable' in push ? 'unreadable' : await receive(push.jobId, deps)
    jobMetrics.outcomes.inc({ outcome })
    res.status(replyStatus(outcome)).end()
  })
  app.post('/dead-letters', express.text({ type: () => true, limit: '64kb' }), async (req, res) => {
    const push = readPush(req.body)
    const found = 'unreadable' in push ? 'unreadable' : await deps.recordDeadLetter(push.jobId)
    logOf(res).warn('dead letter', { ...push, found })
    res.status(204).end()
  })
  app.post('/dry-run', express.json({ limit: '512kb' }), async (req, res) => {
    res.json(await deps.dryRun(readDryRunRequest(req.body)))
  })
  app.post('/sweep', async (_req, res) => {
    const swept = await deps.sweep()
    countSweep(swept)
    res.json(swept)
  })

  app.use(notFoundHandler, errorHandler)
  return app
}

const countSweep = (counts: Record<string, number>) => {
  for (const [action, count] of Object.entries(counts)) jobMetrics.maintenance.inc({ action }, count)
}

/**
 * How long a worker without room takes no jobs. It fails faster than the others work, so it would always be the one
 * that is free, and draw every job to itself.
 */
const restMs = 5_000

/** Outcomes of a push whose task is over, also when it was aborted meanwhile. */
const hasEnded = new Set<PushOutcome>(['done', 'failed', 'finished'])

async function receive(
  jobId: string,
  { slots, process, republishWaiting, notifySome, stopping }: BatchDeps,
): Promise<PushOutcome> {
  if (stopping.aborted) return 'stopping'
  const work = slots.tryRun(async () => {
    const ended = jobMetrics.seconds.startTimer()
    jobMetrics.running.inc()
    try {
      return await process(jobId)
    } finally {
      jobMetrics.running.dec()
      ended()
    }
  })
  if (!work) return 'busy'
  const outcome = await work
  if (outcome === 'no_free_space') slots.pause(restMs)
  await republishWaiting()
  if (hasEnded.has(outcome)) await notifySome()
  return outcome
}

/**
 * What a caller shows. The Pub/Sub emulator sends no Authorization header, but keeps a query: there the
 * shared secret stands in the push address. It is taken where a secret is configured, which the cloud forbids.
 */
const credentials = (req: Request): string | undefined =>
  req.get('Authorization') ?? (typeof req.query.token === 'string' ? `Bearer ${req.query.token}` : undefined)
