import { loadConfig } from '#shared/config.ts'
import { listenForTaskChanges } from '#shared/database/task-change-listener.ts'
import { listenForEvents } from '#shared/events/event-listener.ts'
import { listen, stopOnSignal } from '#shared/http/listen.ts'
import { listenForMetrics, METRICS_DRAIN_MS } from '#shared/http/metrics-server.ts'
import { createLogger } from '#shared/observability/logger.ts'
import { startTracing } from '#shared/observability/tracing.ts'
import { wire } from '#shared/wiring.ts'
import { createWebApp } from './app.ts'
import { createWebDeps } from './deps.ts'

const DRAIN_MS = 5_000

const config = loadConfig()
const log = createLogger({ ...config.log, service: 'web' })
const stopTracing = await startTracing({ ...config.tracing, service: 'web', project: config.queue.project })
const { database, queue, storage, close } = await wire(config, log)
const stopping = new AbortController()
const changes = listenForTaskChanges(database, log)
const eventListener = listenForEvents(database, log)

const app = createWebApp(
  createWebDeps({
    config,
    log,
    database,
    queue,
    storage,
    changes,
    eventListener,
    stopping: stopping.signal,
  }),
)
const metricsServer = await listenForMetrics(config.metricsPort, config, log)
const server = await listen(app, config)
log.info('web listens', { port: server.port })

stopOnSignal(async () => {
  stopping.abort()
  await server.drain(DRAIN_MS)
  await metricsServer?.drain(METRICS_DRAIN_MS)
  await Promise.all([changes.close(), eventListener.close()])
  await close()
  await stopTracing()
}, log)
