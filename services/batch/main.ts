import { availableParallelism } from 'node:os'
import { loadConfig } from '#shared/config.ts'
import { listenForTaskChanges } from '#shared/database/task-change-listener.ts'
import { listen, stopOnSignal } from '#shared/http/listen.ts'
import { createLogger } from '#shared/observability/logger.ts'
import { uploadRepository } from '#shared/uploads/upload-repository.ts'
import { version } from '#shared/version.ts'
import { wire } from '#shared/wiring.ts'
import { createBatchApp } from './app.ts'
import { wireDryRunner } from './dry-run/wire-dry-runner.ts'
import { createJobRunner } from './jobs/job-runner.ts'
import { createJobSlots } from './jobs/job-slots.ts'
import { wireJobProcessor } from './jobs/wire-job-processor.ts'
import { wireMaintenance } from './jobs/wire-maintenance.ts'
import { removeAbandonedWorkspaces } from './jobs/workspace.ts'
import { createMediaEngine } from './media/engine.ts'
import { requireSupportedVersions } from './media/ffmpeg/capabilities.ts'
import { SUPPORTED_FFMPEG } from './media/ffmpeg/version.ts'
import { createGoogleTokens } from './push/google-tokens.ts'
import { createPushVerifier } from './push/verify-push.ts'
import { startRangeServer } from './sources/range-server.ts'

const config = loadConfig()
const log = createLogger({ ...config.log, service: 'batch' })
const [ffmpeg, ffprobe] = await requireSupportedVersions({
  FFMPEG_PATH: config.media.ffmpeg,
  FFPROBE_PATH: config.media.ffprobe,
})
log.info('media tools found', { ffmpeg, ffprobe, supported: SUPPORTED_FFMPEG })
const { database, queue, storage, close } = await wire(config, log)
const stopping = new AbortController()
const changes = listenForTaskChanges(database, log)
const rangeServer = await startRangeServer(log)
await removeAbandonedWorkspaces(config.media.scratchDir)

const services = {
  config,
  log,
  database,
  queue,
  storage,
  uploads: uploadRepository(database, { retentionDays: config.retention.uploadDays }),
  changes,
  media: createMediaEngine(config.media, log),
  rangeServer,
  build: `cutroom ${version}, ffmpeg ${ffmpeg}`,
  coresPerJob: availableParallelism() / config.jobs.concurrency,
}
const maintenance = wireMaintenance(services)
const processor = wireJobProcessor(services, stopping.signal)
const slots = createJobSlots(config.jobs.concurrency)
const jobs = createJobRunner({ slots, process: processor.process, maintenance }, stopping.signal)
const dryRunner = wireDryRunner(services, stopping.signal)

const app = createBatchApp({
  log,
  project: config.queue.project,
  verifyPush: createPushVerifier(config.push, createGoogleTokens()),
  jobs,
  maintenance,
  dryRunner,
  checkReady: () => Promise.all([database.query('SELECT 1'), storage.check()]),
})
const server = await listen(app, { port: config.batchPort, host: config.host })
maintenance.start(config.jobs.sweepMs)
log.info('batch service listening', { port: server.port })

stopOnSignal(async () => {
  stopping.abort()
  await Promise.all([maintenance.close(), jobs.drained(), dryRunner.drained()])
  await server.drain(2_000)
  await Promise.all([processor.close(), dryRunner.close(), rangeServer.close(), changes.close()])
  await close()
}, log)
