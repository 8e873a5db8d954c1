import { availableParallelism } from 'node:os'
import { loadConfig } from '#shared/config.ts'
import { listenForTaskChanges } from '#shared/database/task-change-listener.ts'
import { listen, stopOnSignal } from '#shared/http/listen.ts'
import { createLogger } from '#shared/observability/logger.ts'
import { jobRepository } from '#shared/tasks/job-repository.ts'
import { notificationRepository } from '#shared/tasks/notification-repository.ts'
import { sweepRepository } from '#shared/tasks/sweep-repository.ts'
import { uploadRepository } from '#shared/uploads/upload-repository.ts'
import { wire } from '#shared/wiring.ts'
import { createBatchApp } from './app.ts'
import { createDryRunner } from './dry-run/dry-run.ts'
import { createJobSlots } from './jobs/job-slots.ts'
import { processJob } from './jobs/process-job.ts'
import { republishWaiting, sweep, sweepRegularly } from './jobs/sweep.ts'
import { removeAbandoned } from './jobs/workspace.ts'
import { createMediaEngine } from './media/engine.ts'
import { createRequireFit } from './media/estimate/require-fit.ts'
import { createMail } from './notify/mail.ts'
import { createNotifier } from './notify/notifier.ts'
import { createWebhook } from './notify/webhook.ts'
import { createGoogleTokens } from './push/google-tokens.ts'
import { createPushVerifier } from './push/verify-push.ts'
import { createSources } from './sources/open-source.ts'
import { startRangeServer } from './sources/range-server.ts'

/** A plan is to be quick and to leave room for jobs: what is copied lies in the same scratch space as theirs. */
const LOOK = { places: 2, deadlineMs: 30_000, copyBytes: 32 * 1024 ** 2 }

const config = loadConfig()
const log = createLogger({ ...config.log, service: 'batch' })
const { database, queue, storage, close } = await wire(config, log)
const stopping = new AbortController()
const changes = listenForTaskChanges(database, log)
const jobs = jobRepository(database, {
  leaseMs: config.jobs.leaseMs,
  orphanGraceMs: config.retention.orphanGraceMs,
})
const swept = sweepRepository(database, { ...config.jobs, ...config.retention })
const uploads = uploadRepository(database, { retentionDays: config.retention.uploadDays })
const rangeServer = await startRangeServer(log)
const sources = createSources({
  storage,
  limits: { ...config.sources, scratchBytes: config.media.limits.scratchBytes },
  rangeServer,
  log,
})
const slots = createJobSlots(config.jobs.concurrency)
await removeAbandoned(config.media.scratchDir)

const media = createMediaEngine(config.media, log)
const findUploadKeys = async (userId: string, ids: string[]) =>
  new Map((await uploads.find(userId, ids)).map(({ id, objectKey }) => [id, objectKey]))
const { scratchDir, deadlineMs: limitMs } = config.media
const circumstances = { cores: availableParallelism() / config.jobs.concurrency }
const deps = {
  jobs,
  changes,
  storage,
  sources,
  media,
  demandFit: createRequireFit(limitMs, circumstances),
  findUploadKeys,
  settings: { ...config.jobs, scratchDir },
  log,
}
const looks = createSources({
  storage,
  limits: { ...config.sources, copyBytes: LOOK.copyBytes },
  rangeServer,
  log,
})
const planner = createDryRunner(
  {
    sources: looks,
    media,
    findUploadKeys,
    settings: { ...LOOK, ...circumstances, scratchDir, limitMs },
    log,
  },
  stopping.signal,
)
const { smtpUrl, from } = config.mail
if (from && !smtpUrl) log.warn('people may ask for mail, and SMTP_URL is not set here: mails wait')
const notifier = createNotifier({
  rows: notificationRepository(database, { leaseMs: 60_000 }),
  senders: {
    webhook: createWebhook({ allowHosts: config.sources.allowHosts }),
    ...(smtpUrl && from && { email: createMail({ smtpUrl, from, publicUrl: config.publicUrl }) }),
  },
  log,
})
const sweepOnce = () =>
  sweep({ rows: swept, uploads, queue, storage, partialMs: config.retention.partialMs, log })
const app = createBatchApp({
  log,
  project: config.queue.project,
  verify: createPushVerifier(config.push, createGoogleTokens()),
  slots,
  process: (jobId) => processJob(jobId, deps, stopping.signal),
  republishWaiting: () => republishWaiting(swept, queue, log),
  notifySome: notifier.sendSome,
  sweep: async () => {
    const [swept, notified] = await Promise.all([sweepOnce(), notifier.sendDue()])
    return { ...swept, notified }
  },
  dryRun: planner.plan,
  recordDeadLetter: swept.recordDeadLetter,
  check: () => Promise.all([database.query('SELECT 1'), storage.check()]),
  stopping: stopping.signal,
})
const server = await listen(app, { port: config.batchPort, host: config.host })
// Side by side: a receiver that takes its time must not keep a silent worker from being noticed.
const endSweeps =
  config.jobs.sweepMs > 0
    ? [sweepOnce, notifier.sendDue].map((run) => sweepRegularly(run, config.jobs.sweepMs, log))
    : []
log.info('batch listens', { port: server.port })

stopOnSignal(async () => {
  stopping.abort()
  await Promise.all([...endSweeps.map((end) => end()), notifier.close(), slots.drained(), planner.empty()])
  await server.drain(2_000)
  await Promise.all([sources.close(), looks.close(), rangeServer.close(), changes.close()])
  await close()
}, log)
