/** Compares what a deployment sets with what config.ts reads. Pure. */
import {
  ConfigError,
  loadBatchConfig,
  loadConfig,
  loadDatabaseConfig,
  SECRETS_OF_WEB,
  settings,
} from '#shared/config.ts'

export type Env = Record<string, string>

/** Read by Node itself. */
const NODE_VARIABLES = new Set(['NODE_COMPILE_CACHE', 'NODE_ENV'])
const KNOWN = new Set(settings.map(({ name }) => name))

/** Enough for a service to start locally; a check adds what the deployment sets. */
export const REQUIRED: Env = {
  DATABASE_URL: 'postgresql://localhost',
  JWT_SECRET: 'abcdefghijklmnopqrstuvwxyz0123456789',
  PUSH_SECRET: 'push-secret',
}

/** Settings that config.ts does not know, and what it reports as missing or invalid, each line starting with `where`. */
export function environmentIssues(
  where: string,
  env: Env,
  load: (env: Env) => unknown = loadConfig,
): string[] {
  const unknown = Object.keys(env).filter((name) => !KNOWN.has(name) && !NODE_VARIABLES.has(name))
  return [
    ...unknown.map((name) => `${where}: config.ts does not know ${name}`),
    ...configIssues(env, load).map((issue) => `${where}: ${issue}`),
  ]
}

/** The same for batch, which must not be given what only web needs to know. */
export const batchIssues = (where: string, env: Env): string[] => [
  ...environmentIssues(where, env, loadBatchConfig),
  ...SECRETS_OF_WEB.filter((name) => env[name]).map((name) => `${where}: batch must not be given ${name}`),
]

function configIssues(env: Env, load: (env: Env) => unknown): string[] {
  try {
    load(env)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.issues
    throw error
  }
}

/** For `environmentIssues`: a migration needs the database's settings alone. */
export const databaseOnly = (env: Env): unknown => loadDatabaseConfig(env)

/** Resolves `${NAME:-fallback}` as Docker Compose does when NAME is not set. */
export const interpolate = (text: string): string => text.replace(/\$\{\w+(?::-([^}]*))?\}/g, '$1')

const SAMPLES: Env = {
  BATCH_METRICS_PORT: '9464',
  BATCH_URL: 'https://batch.example.com',
  CLOUD_SQL_INSTANCE: 'project:region:instance',
  JOB_DEADLINE_SECONDS: '42000',
  JWT_SECRET: 'abcdefghijklmnopqrstuvwxyz0123456789',
  LINKS_SECRET: 'abcdefghijklmnopqrstuvwxyz0123456789',
  LOG_FORMAT: 'json',
  MAIL_FROM: 'cutroom@example.com',
  MEDIA_DEADLINE_SECONDS: '41900',
  MEDIA_MAX_MEMORY_BYTES: String(1024 ** 3),
  MEMORY_LIMIT_BYTES: String(16 * 1024 ** 3),
  METRICS_PORT: '9464',
  METRICS_TOKEN: 'a-token-for-metrics-alone',
  OTEL_EXPORTER_OTLP_ENDPOINT: 'https://telemetry.googleapis.com',
  PUBLIC_URL: 'https://cutroom.example.com',
  PUSH_SERVICE_ACCOUNTS: 'push@example.com',
  SECRETS_KEY: Buffer.alloc(32).toString('base64'),
  SMTP_URL: 'smtps://mail.example.com',
}

/** A valid value of a setting, for deployments whose values are known only later. */
export function sampleValue(name: string): string {
  const fallback = settings.find((setting) => setting.name === name)?.fallback
  return SAMPLES[name] ?? (fallback === undefined ? 'sample' : String(fallback))
}
