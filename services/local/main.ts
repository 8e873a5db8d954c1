/**
 * Local mode, `npm start`: runs all of Cutroom on one machine. Starts the database, then web and batch, keeps them
 * running, and stops them together.
 */
import { once } from 'node:events'
import { join, resolve } from 'node:path'
import { type Config, loadConfig, withoutSecretsOfWeb } from '#shared/config.ts'
import { createLogger, type Logger } from '#shared/observability/logger.ts'
import { prepareBatchRole } from './batch-role.ts'
import { type Service, superviseService } from './child.ts'
import { lockDataDir } from './data-dir.ts'
import { startPostgres } from './postgres.ts'
import { checkMachine } from './preflight.ts'
import { waitUntilReady } from './readiness.ts'
import { loadSecrets } from './secrets.ts'
import { migrate, nodeFlags, readyMessage, serviceEnvironment } from './stack.ts'

const stop = new AbortController()
// A terminal, npm and the setup script may each forward the same Ctrl-C: only the first abort counts.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stop.abort(signal))
process.on('disconnect', () => stop.abort('parent process ended'))

try {
  await runStack(process.env, stop)
} catch (error) {
  if (!stop.signal.aborted || error !== stop.signal.reason) fail(error)
}
process.exit()

/** Runs until `stop` is aborted, by a signal or because the database ended, then stops everything it has started. */
async function runStack(given: NodeJS.ProcessEnv, stop: AbortController): Promise<void> {
  await using started = new AsyncDisposableStack()
  const dataDir = resolve(given.DATA_DIR || '.cutroom')
  started.defer(await lockDataDir(dataDir))
  const settings = { DATA_DIR: dataDir, ...(await loadSecrets(dataDir)) }
  const ownDatabase = !given.DATABASE_URL && !given.CLOUD_SQL_INSTANCE
  const config = loadConfig(
    serviceEnvironment(given, { ...settings, ...(ownDatabase && { DATABASE_URL: 'embedded' }) }),
  )
  const log = createLogger({ ...config.log, service: 'local' })
  await checkMachine({
    host: config.host,
    ports: {
      PORT: config.port,
      BATCH_PORT: config.batchPort,
      ...(config.metricsPort && { METRICS_PORT: config.metricsPort }),
      ...(config.batchMetricsPort && { BATCH_METRICS_PORT: config.batchMetricsPort }),
    },
    programs: { FFMPEG_PATH: config.media.ffmpeg, FFPROBE_PATH: config.media.ffprobe },
  })

  const url = ownDatabase ? await openPostgres(dataDir, started, stop, log) : undefined
  const env = serviceEnvironment(given, { ...settings, ...(url && { DATABASE_URL: url }) })
  stop.signal.throwIfAborted()
  await migrate(env, log, ownDatabase ? { startOverHint: moveAway(dataDir) } : {})
  stop.signal.throwIfAborted()

  const batchEnv = {
    ...withoutSecretsOfWeb(env),
    ...(url && { DATABASE_URL: await prepareBatchRole(url, log) }),
  }
  stop.signal.throwIfAborted()

  const services = [supervise('batch', batchEnv, log), supervise('web', env, log)]
  started.defer(async () => void (await Promise.all(services.map((service) => service.stop()))))
  await allReady(services, config, stop.signal)
  console.log(readyMessage(config.publicUrl))
  if (!stop.signal.aborted) await once(stop.signal, 'abort')
  log.info('stopping', { reason: stop.signal.reason })
}

async function openPostgres(
  dataDir: string,
  started: AsyncDisposableStack,
  stop: AbortController,
  log: Logger,
) {
  const postgres = await startPostgres({
    dataDir: join(dataDir, 'postgres'),
    log: (line) => log.debug('postgres', { line }),
  })
  let stopping = false
  started.defer(() => {
    stopping = true
    return postgres.stop()
  })
  void postgres.stopped.then(() => {
    if (stopping) return
    fail(new Error('The embedded Postgres ended unexpectedly; set LOG_LEVEL=debug to see its log.'))
    stop.abort('database ended')
  })
  return postgres.url
}

function supervise(name: string, env: NodeJS.ProcessEnv, log: Logger): Service {
  return superviseService({
    name,
    entry: join(import.meta.dirname, '..', name, 'main.ts'),
    env,
    nodeArgs: nodeFlags(name),
    onDeath: (death) => log.error('service ended, restarting', death),
  })
}

async function allReady(services: Service[], config: Config, signal: AbortSignal): Promise<void> {
  const host = config.host === '0.0.0.0' ? '127.0.0.1' : config.host
  const ports: Record<string, number> = { web: config.port, batch: config.batchPort }
  await Promise.all(
    services.map((service) =>
      waitUntilReady(service, `http://${host}:${ports[service.name]}/health/ready`, signal),
    ),
  )
}

function moveAway(dataDir: string): string {
  return `move its data directory away (mv "${dataDir}" "${dataDir}.old") and run npm start again`
}

function fail(error: unknown): void {
  console.error(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
}
