import { availableParallelism } from 'node:os'
import { loadBatchConfig, superfluousSecrets } from '#shared/config.ts'
import { listenForTaskChanges } from '#shared/database/task-change-listener.ts'
import { listen, STOP_TIMEOUT_MS, stopOnSignal } from '#shared/http/listen.ts'
import { listenForMetrics, METRICS_DRAIN_MS } from '#shared/http/metrics-server.ts'
import { createLogger } from '#shared/observability/logger.ts'
import { startTracing } from '#shared/observability/tracing.ts'
import { PUSH_TIMEOUT_MS } from '#shared/queue/port.ts'
import { uploadRepository } from '#shared/uploads/upload-repository.ts'
import { wire } from '#shared/wiring.ts'
import { createBatchApp } from './app.ts'
import { wireDryRunner } from './dry-run/wire-dry-runner.ts'
import { endedWithin } from './ended-within.ts'
import { wireInspector } from './inspect/wire-inspector.ts'
import { createClaimLoop } from './jobs/claim-loop.ts'
import { createJobSlots } from './jobs/job-slots.ts'
import { watchForJobs } from './jobs/watch-for-jobs.ts'
import { wireJobProcessor } from './jobs/wire-job-processor.ts'
import { wireMaintenance } from './jobs/wire-maintenance.ts'
import { removeAbandonedWorkspaces } from './jobs/workspace.ts'
import { codeVersion } from './media/code-version.ts'
import { createMediaEngine } from './media/engine.ts'
import { requireSupportedVersions } from './media/ffmpeg/capabilities.ts'
import { findSandbox } from './media/ffmpeg/find-sandbox.ts'
import { SUPPORTED_FFMPEG } from './media/ffmpeg/version.ts'
import { planMemory } from './memory/plan-memory.ts'
import { processLimit } from './memory/process-limit.ts'
import { readMachine } from './memory/read-machine.ts'
import { watchForDeliveries } from './notify/watch-for-deliveries.ts'
import { wireSourceReader } from './preview/wire-source-reader.ts'
import { createGoogleTokens } from './push/google-tokens.ts'
import { createCallerVerifier } from './push/verify-caller.ts'
import { startRangeServer } from './sources/range-server.ts'

/**
 * For how long the first request after a quiet time claims further jobs (decision 0034). In simulated bursts of reels and chunks,
 * 1 to 5 s make little difference.
 */
const FIRST_REQUEST_MS = 3_000

const config = loadBatchConfig()
const log = createLogger({ ...config.log, service: 'batch' })
const [ffmpeg, ffprobe] = await requireSupportedVersions({
  FFMPEG_PATH: config.media.ffmpeg,
  FFPROBE_PATH: config.media.ffprobe,
})
log.info('media tools found', { ffmpeg, ffprobe, supported: SUPPORTED_FFMPEG })
const superfluous = superfluousSecrets()
if (superfluous.length > 0) {
  log.warn('batch has secrets that only web needs: remove them from its environment', {
    settings: superfluous,
  })
}
const stopTracing = await startTracing({ ...config.tracing, service: 'batch', project: config.queue.project })
const { database, queue, storage, close } = await wire(config, log)
/** No more jobs are claimed. */
const draining = new AbortController()
/** What still runs ends at once. */
const stopping = new AbortController()
const changes = listenForTaskChanges(database, log)
const rangeServer = await startRangeServer(log)
await removeAbandonedWorkspaces(config.media.scratchDir)
const machine = await readMachine({
  limitBytes: config.media.memoryLimitBytes,
  scratchDir: config.media.scratchDir,
  scratchBytes: config.media.limits.scratchBytes * config.jobs.concurrency,
  inCloud: config.inCloud,
})
const memory = planMemory(machine, config.jobs.concurrency, config.media.maxMemoryBytes)
const sandbox = await findSandbox(config.media.sandboxSetting, {
  tools: [config.media.ffmpeg, config.media.ffprobe],
  dir: config.media.scratchDir,
  log,
})
log.info('memory divided among jobs', { ...machine, slots: config.jobs.concurrency, ...memory })

const services = {
  config,
  log,
  database,
  queue,
  storage,
  uploads: uploadRepository(database, { retentionDays: config.retention.uploadDays }),
  changes,
  media: createMediaEngine(
    {
      ...config.media,
      memoryBytes: memory.jobBytes,
      dryRunMemoryBytes: memory.dryRunBytes,
      processes: await processLimit(),
      sandbox,
    },
    log,
  ),
  rangeServer,
  build: `media ${await codeVersion()}, ffmpeg ${ffmpeg}`,
  coresPerJob: availableParallelism() / config.jobs.concurrency,
}
const maintenance = wireMaintenance(services)
// Other slots were refused meanwhile. On Cloud Run the queue pushes to them again.
const processor = wireJobProcessor(services, stopping.signal, () => config.inCloud || jobs.wake())
const jobs = createClaimLoop(
  {
    slots: createJobSlots(config.jobs.concurrency),
    process: processor.process,
    maintenance,
    // Cloud Run may stop an instance without requests at any time.
    requestBound: config.inCloud
      ? { timeoutMs: PUSH_TIMEOUT_MS, jobMs: config.jobs.deadlineMs, firstMs: FIRST_REQUEST_MS }
      : undefined,
    log,
  },
  draining.signal,
)
const checkReady = () => Promise.all([database.query('SELECT 1'), storage.check()])

const metricsServer = await listenForMetrics(config.batchMetricsPort, config, log)
const stopServing = config.jobs.workerMode === 'push' ? await serve() : await pull()
const stopWatching = config.inCloud ? undefined : watchForJobs(database, jobs.wake, { ...config.jobs, log })
const stopSending = config.inCloud
  ? undefined
  : watchForDeliveries(database, maintenance.sendNewNotifications, log)
maintenance.start(config.jobs.sweepMs)

const stopFor = stopOnSignal(
  async () => {
    draining.abort()
    await endedWithin(jobs.drained(), config.jobs.drainMs)
    stopping.abort()
    await Promise.all([maintenance.close(), jobs.drained(), stopWatching?.(), stopSending?.()])
    await stopServing()
    await metricsServer?.drain(METRICS_DRAIN_MS)
    await Promise.all([processor.close(), rangeServer.close(), changes.close()])
    await close()
    await stopTracing()
  },
  log,
  config.jobs.drainMs + STOP_TIMEOUT_MS,
)

if (config.jobs.workerMode === 'job') {
  // Whoever runs it limits it: a job that is claimed much later might not end in time.
  setTimeout(() => draining.abort(), config.jobs.deadlineMs).unref()
  await jobs.workOff()
  await stopFor(draining.signal.aborted ? 'no time is left for another job' : 'no job is left to claim')
}

/** Serves pushes, dry runs, inspections, previews and sweeps. Returns what ends that. */
async function serve() {
  const dryRunner = wireDryRunner(services, stopping.signal)
  const inspector = wireInspector(services, stopping.signal)
  const sourceReader = wireSourceReader(services, stopping.signal)
  const app = createBatchApp({
    log,
    project: config.queue.project,
    verifyCaller: createCallerVerifier(config.push, createGoogleTokens()),
    metricsToken: metricsServer ? undefined : config.metricsToken,
    jobs,
    maintenance,
    dryRunner,
    inspector,
    sourceReader,
    checkReady,
  })
  const server = await listen(app, { port: config.batchPort, host: config.host })
  log.info('batch service listening', { port: server.port })
  return async () => {
    await Promise.all([dryRunner.drained(), inspector.drained(), sourceReader.drained()])
    await server.drain(2_000)
    await Promise.all([dryRunner.close(), inspector.close(), sourceReader.close()])
  }
}

/**
 * Opens no port but that of the metrics, if it has one. A worker that cannot work exits at once: without a port, its exit code is all that whoever runs it
 * can check.
 */
async function pull() {
  try {
    await checkReady()
  } catch (error) {
    log.error('worker cannot reach the database or the storage', { error })
    process.exit(1)
  }
  log.info('worker claiming jobs', { slots: config.jobs.concurrency })
  return async () => {}
}
